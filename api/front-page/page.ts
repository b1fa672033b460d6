/** One place that a person may want to go to from here. */
export interface Place {
  readonly href: string;
  readonly name: string;
  readonly what: string;
}

/** A page for the person who opens the API's address in a browser; it needs no script and loads nothing. */
export function frontPage(places: readonly Place[]): string {
  const rows = places.map(
    ({ href, name, what }) => `      <li><a href="${escape(href)}">${escape(name)}</a> ${escape(what)}</li>`,
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Sundial</title>
    <style>
      body { font: 16px/1.6 system-ui, sans-serif; max-width: 42rem; margin: 4rem auto; padding: 0 1.5rem;
             color: #1c1c1c; background: #fff; }
      h1 { font-size: 1.6rem; margin-bottom: 0; }
      code { background: #f2f2f0; padding: 0.1rem 0.35rem; border-radius: 4px; }
      ul { padding-left: 1.2rem; }
      @media (prefers-color-scheme: dark) {
        body { color: #eee; background: #161616; }
        code { background: #2a2a2a; }
        a { color: #8ab4ff; }
      }
    </style>
  </head>
  <body>
    <h1>Sundial</h1>
    <p>Every person gets the message at their own local time, once, and anyone can ask why.</p>
    <p>This is the API: everything under <code>/v1</code> wants the header
      <code>Authorization: Bearer &lt;key&gt;</code>.</p>
    <ul>
${rows.join('\n')}
    </ul>
  </body>
</html>
`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
