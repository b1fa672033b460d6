import type { SendResult } from './channel';

/**
 * What a failed attempt means (RFC 5321 section 4.2.1): a 5yz reply to the recipient or the message is for good; a
 * reply to anything else concerns the session and passes; without a reply it counts whether the content had left.
 */
export function smtpFailure(error: unknown, contentLeft: boolean): Exclude<SendResult, { kind: 'accepted' }> {
  const { code, command, response, responseCode, permanent } = detailsOf(error);
  if (responseCode !== undefined) {
    if (permanent && code === 'EENVELOPE' && command === 'RCPT TO') {
      return { kind: 'rejected', reason: 'rejected-address' };
    }
    if (permanent && (code === 'EENVELOPE' || code === 'EMESSAGE')) {
      return { kind: 'rejected', reason: 'rejected-message' };
    }
    return !permanent && TOO_OFTEN.test(response) ? { kind: 'rate-limited' } : { kind: 'transient' };
  }
  // Refused by the client itself: the envelope cannot be written, or the mail exceeds the size that the server names.
  if (code === 'EENVELOPE') return { kind: 'rejected', reason: 'rejected-address' };
  if (code === 'EMESSAGE') return { kind: 'rejected', reason: 'rejected-message' };
  return contentLeft ? { kind: 'unknown' } : { kind: 'transient' };
}

/**
 * SMTP has no code for "too often": servers say 421, 450, 451, 452 or 454 with words of their own, or the enhanced code
 * for a congested system (RFC 3463, X.4.5).
 */
const TOO_OFTEN =
  /\b4\.4\.5\b|\brate\b|\bthrottl|\btoo (?:many|much|fast|often|quickly)\b|\b(?:limit|quota) exceeded\b/i;

interface Details {
  code: string | undefined;
  command: string | undefined;
  /** The whole reply, empty without one. */
  response: string;
  responseCode: number | undefined;
  permanent: boolean;
}

function detailsOf(error: unknown): Details {
  const read = (name: string): unknown =>
    typeof error === 'object' && error !== null ? (Reflect.get(error, name) as unknown) : undefined;
  const [code, command, response] = [read('code'), read('command'), read('response')];
  const responseCode = read('responseCode');
  return {
    code: typeof code === 'string' ? code : undefined,
    command: typeof command === 'string' ? command : undefined,
    response: typeof response === 'string' ? response : '',
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
    permanent: read('permanent') === true,
  };
}
