import type { IncomingMessage } from 'node:http';
import { type Answer, problem, readText } from './answer';
import type { Operator } from './operator';
import { signInPage } from './page';

const MOST_BYTES = 4 * 1024;

export interface SignInDeps {
  readonly operator: Operator;
  /** Where to go afterwards. */
  readonly webUiLink: string | null;
  readonly log: { warn(message: string): void };
}

/** `GET /codec`: a form, or that the form is behind one. */
export function showSignIn(request: IncomingMessage, { operator, webUiLink }: SignInDeps): Answer {
  return page(200, signInPage(operator.isBehind(request.headers) ? 'signed-in' : 'signed-out', webUiLink));
}

/** `POST /codec/sign-in` of that form. */
export async function signIn(
  request: IncomingMessage,
  { operator, webUiLink, log }: SignInDeps,
): Promise<Answer> {
  const text = await readText(request, MOST_BYTES);
  if (text === null) return problem(413, 'Too large', 'A sign-in is a form with an admin key.');
  const key = new URLSearchParams(text).get('key')?.trim() ?? '';
  if (!operator.knows(key)) {
    log.warn('a sign-in with a wrong admin key was refused');
    return page(401, signInPage('refused', webUiLink));
  }
  return back(operator.signIn());
}

/** `POST /codec/sign-out`. */
export function signOut(operator: Operator): Answer {
  return back(operator.signOut());
}

function back(cookie: string): Answer {
  return { status: 303, headers: { location: '/codec', 'set-cookie': cookie }, body: '' };
}

function page(status: number, body: string): Answer {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      'referrer-policy': 'no-referrer',
    },
    body,
  };
}
