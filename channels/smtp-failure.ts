import type { SendResult } from './channel';

/**
 * What a failed attempt means (RFC 5321 section 4.2.1): a 5yz reply to the recipient or the message is for good; a
 * reply to anything else concerns the session and passes; without a reply it counts whether the content had left.
 */
export function smtpFailure(error: unknown, contentLeft: boolean): Exclude<SendResult, { kind: 'accepted' }> {
  const { code, command, response, responseCode, permanent } = detailsOf(error);
  if (responseCode !== undefined) {
    if (permanent && code === 'EENVELOPE' && command === 'RCPT TO') {
      const atFault = faultsAddress(responseCode, response);
      return { kind: 'rejected', reason: atFault ? 'rejected-address' : 'rejected-message' };
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

/**
 * A refusal of the recipient for good does not always speak of the address, which is then written to no more: a full
 * mailbox, a listed sender or a relay that is set up wrongly would empty a whole audience. Where the server gives an
 * enhanced code (RFC 3463), X.1.z is a bad address, X.2.1 a mailbox that was closed, and 5.1.7 and 5.1.8 speak of the
 * sender. Where it gives none, RFC 5321 section 4.2.3 says 550, 551 and 553, which servers use for policy too.
 */
function faultsAddress(responseCode: number, response: string): boolean {
  const enhanced = ENHANCED.exec(response)?.[1];
  if (enhanced !== undefined) return BAD_ADDRESS.test(enhanced);
  return [550, 551, 553].includes(responseCode) && !POLICY.test(response);
}

const ENHANCED = /^5\d\d[ -]5\.(\d{1,3}\.\d{1,3})\b/;
const BAD_ADDRESS = /^(?:1\.(?:0|1|2|3|4|5|6|10)|2\.1)$/;
const POLICY =
  /\brelay|\bblock|\bblacklist|\bblocklist|\bspam|\bpolicy|\breputation|\bquota|\bfull\b|\btoo (?:many|much|fast)|\brate\b/i;

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
