import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { SendResult } from './channel';

/** Something between us and the endpoint says that it got no usable answer: the endpoint itself may have taken it. */
const FROM_BETWEEN: readonly number[] = [502, 504, 520, 524];

/** About the sender, the way to the endpoint, or a request that did not arrive whole: nothing about the message. */
const NOT_ABOUT_THE_MESSAGE: readonly number[] = [401, 403, 407, 408, 425];

/**
 * What an endpoint's answer means. Standard Webhooks takes 2xx for acceptance and nothing else, so whatever the
 * endpoint says beside that itself, a 500 too, says that it has not taken the message.
 */
export function webhookAnswer(status: number, retryAfter: string | undefined, now: Instant): SendResult {
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  const retryAfterMs = retryAfter === undefined ? undefined : readRetryAfter(retryAfter, now);
  if (status === 429) {
    return { kind: 'rate-limited', ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  if (status === 503 && retryAfterMs !== undefined) return { kind: 'rate-limited', retryAfterMs };
  if (FROM_BETWEEN.includes(status)) return { kind: 'unknown' };
  if (status < 400 || status >= 500 || NOT_ABOUT_THE_MESSAGE.includes(status)) return { kind: 'transient' };
  return { kind: 'rejected', reason: 'rejected-message' };
}

/** RFC 9110 section 10.2.3: seconds, or a date. Undefined for what is neither. */
function readRetryAfter(text: string, now: Instant): number | undefined {
  const written = text.trim();
  if (/^\d+$/.test(written)) return Number(written) * SECOND;
  const at = /^[A-Z][a-z]{2,8}, /.test(written) ? Date.parse(written) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
