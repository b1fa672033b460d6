import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** Where a request comes from, as its browser says; programs that are no browser say nothing. */
export type Caller =
  | { kind: 'no-browser' }
  | { kind: 'same-origin' }
  | { kind: 'web-ui'; origin: string }
  | { kind: 'stranger'; origin: string };

export function callerOf({ origin, host }: IncomingHttpHeaders, webUiOrigin: string | null): Caller {
  if (origin === undefined) return { kind: 'no-browser' };
  if (origin === webUiOrigin) return { kind: 'web-ui', origin };
  const own = URL.canParse(origin) && new URL(origin).host === host;
  return own ? { kind: 'same-origin' } : { kind: 'stranger', origin };
}

/** Lets the Web UI, and nobody else, read answers across origins and send the cookie of the sign-in. */
export function corsHeaders(caller: Caller): OutgoingHttpHeaders {
  if (caller.kind !== 'web-ui') return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': caller.origin,
    'access-control-allow-credentials': 'true',
  };
}

export function preflightHeaders(caller: Caller): OutgoingHttpHeaders {
  if (caller.kind !== 'web-ui') return { vary: 'Origin' };
  return {
    ...corsHeaders(caller),
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization, content-type, x-namespace',
    'access-control-max-age': '600',
  };
}
