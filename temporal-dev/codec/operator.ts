import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { HOUR } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';

const COOKIE = 'sundial_codec';
const SESSION_MS = 8 * HOUR;

/** Who may decode: whoever holds the admin key, shown with the request or once at the sign-in. */
export interface Operator {
  knows(adminKey: string): boolean;
  /** Whether a request carries the admin key as a bearer token, or the cookie of a sign-in within eight hours. */
  isBehind(headers: Pick<IncomingHttpHeaders, 'authorization' | 'cookie'>): boolean;
  /** `Set-Cookie` of a sign-in. */
  signIn(): string;
  /** `Set-Cookie` of a sign-out. */
  signOut(): string;
}

/**
 * The cookie is an expiry and its HMAC under the admin key: nothing is kept here, and another admin key ends every
 * session. Scripts cannot read it and other sites cannot use it.
 */
export function operatorOf(adminKey: string, clock: () => Instant, transport: 'http' | 'https'): Operator {
  const mac = (expiry: string): string =>
    createHmac('sha256', adminKey).update(`codec session until ${expiry}`).digest('base64url');
  const cookie = (value: string, maxAge: number): string =>
    `${COOKIE}=${value}; Path=/codec; Max-Age=${maxAge}; HttpOnly; SameSite=Strict` +
    (transport === 'https' ? '; Secure' : '');
  const knows = (key: string): boolean => sameText(key, adminKey);
  const isSession = (value: string): boolean => {
    const [expiry = '', signature = ''] = value.split('.');
    return sameText(signature, mac(expiry)) && Number(expiry) > clock();
  };

  return {
    knows,
    isBehind({ authorization, cookie: cookies }) {
      const token = /^Bearer +([^\s]+) *$/i.exec(authorization ?? '')?.[1];
      if (token !== undefined) return knows(token);
      return cookieValues(cookies ?? '').some(isSession);
    },
    signIn() {
      const expiry = String(clock() + SESSION_MS);
      return cookie(`${expiry}.${mac(expiry)}`, SESSION_MS / 1000);
    },
    signOut: () => cookie('', 0),
  };
}

function cookieValues(header: string): string[] {
  return header
    .split(';')
    .map((pair) => pair.trim().split('='))
    .filter(([name]) => name === COOKIE)
    .map(([, value = '']) => value);
}

/** Takes the same time wherever two texts differ. */
function sameText(one: string, other: string): boolean {
  return timingSafeEqual(hashOf(one), hashOf(other));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
