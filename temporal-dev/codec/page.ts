/** The whole of what the codec server shows. It has no script, and nothing that anybody entered is shown again. */
export function signInPage(state: 'signed-in' | 'signed-out' | 'refused', webUi: string | null): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sundial: decoding for Temporal's Web UI</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 12vh auto; padding: 0 1rem; color: #1d2433; }
  input, button { font: inherit; padding: .5rem .75rem; border: 1px solid #8a93a6; border-radius: 6px; }
  input { width: 100%; box-sizing: border-box; margin: .25rem 0 1rem; }
  button { background: #1d2433; color: #fff; cursor: pointer; }
  [role=alert] { color: #a01818; }
  @media (prefers-color-scheme: dark) {
    body { background: #14181f; color: #e6e9ef; }
    button { background: #e6e9ef; color: #14181f; }
    [role=alert] { color: #ff9b9b; }
  }
</style>
</head>
<body>
<h1>Decoding for Temporal's Web UI</h1>
<p>Workflow histories are encrypted. Whoever signs in here sees them decoded in the Web UI, in this browser, for eight hours.</p>
${state === 'signed-in' ? signedIn(webUi) : form(state)}
</body>
</html>
`;
}

function form(state: 'signed-out' | 'refused'): string {
  const refusal = state === 'refused' ? '<p role="alert">That is not the admin key.</p>' : '';
  return `${refusal}<form method="post" action="/codec/sign-in">
<label>Admin key <input type="password" name="key" required autocomplete="current-password" autofocus></label>
<button>Sign in</button>
</form>`;
}

function signedIn(webUi: string | null): string {
  const link = webUi === null ? '' : `<p><a href="${encodeURI(webUi)}">To the Web UI</a></p>`;
  return `<p>You are signed in. Reload pages of the Web UI that are open already.</p>
${link}
<form method="post" action="/codec/sign-out"><button>Sign out</button></form>`;
}
