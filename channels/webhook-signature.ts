import { createHmac } from 'node:crypto';

/**
 * The headers by which an endpoint knows who sent a request and when (Standard Webhooks 1.0, "Signature scheme"), and
 * by `webhook-id` a second copy. One signature a secret, in the order given: while a secret is replaced, the endpoint
 * finds one that it can check.
 * @param timestamp of this attempt, in seconds since 1970.
 */
export function signedHeaders(
  secrets: readonly Buffer[],
  id: string,
  timestamp: number,
  body: Buffer,
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const digest = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64');
    return `v1,${digest}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
