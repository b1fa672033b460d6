import type { IncomingMessage } from 'node:http';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { UnknownKeyError } from '../../platform/crypto';
import { UnreadablePayloadError } from '../../platform/payload-codec';
import { type Answer, problem, readText } from './answer';
import { callerOf, corsHeaders, preflightHeaders } from './cors';
import type { Operator } from './operator';
import { readPayloads, writePayloads } from './payload-json';

/** The Web UI asks an event at a time, and a payload has at most 2 MiB: a third more as base64. */
const MOST_BYTES = 16 * 1024 * 1024;

export interface DecodeDeps {
  readonly codec: Pick<PayloadCodec, 'decode'>;
  readonly operator: Operator;
  readonly webUiOrigin: string | null;
}

/** What a browser asks before it lets the Web UI post across origins; it carries no credential. */
export function preflight(
  request: IncomingMessage,
  { webUiOrigin }: Pick<DecodeDeps, 'webUiOrigin'>,
): Answer {
  return { status: 204, headers: preflightHeaders(callerOf(request.headers, webUiOrigin)), body: '' };
}

/** `POST /codec/decode`: payloads as Temporal stores them in, payloads in the clear out. */
export async function decode(request: IncomingMessage, deps: DecodeDeps): Promise<Answer> {
  const caller = callerOf(request.headers, deps.webUiOrigin);
  const cors = corsHeaders(caller);
  if (caller.kind === 'stranger') {
    return problem(403, 'Forbidden', 'Pages of this origin may not decode: only the Web UI may.', cors);
  }
  if (!deps.operator.isBehind(request.headers)) {
    const detail = 'Sign in at /codec with the admin key, or send it as "Authorization: Bearer".';
    return problem(401, 'Not signed in', detail, { ...cors, 'www-authenticate': 'Bearer realm="codec"' });
  }
  // A page of another origin can post a form with a cookie, but not JSON without asking first.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return problem(415, 'Unsupported media type', 'Payloads come as application/json.', cors);
  }
  const text = await readText(request, MOST_BYTES);
  if (text === null) {
    return problem(413, 'Too large', `A body may have ${MOST_BYTES} bytes.`, {
      ...cors,
      connection: 'close',
    });
  }
  const payloads = readPayloads(text);
  if (payloads === null) {
    const detail = 'The body must be { "payloads": [{ "metadata": { name: base64 }, "data": base64 }] }.';
    return problem(400, 'Malformed', detail, cors);
  }
  const decoded = await Promise.all(payloads.map((payload) => readable(payload, deps.codec)));
  const headers = { 'content-type': 'application/json', ...cors };
  return { status: 200, headers, body: writePayloads(decoded) };
}

/** The Web UI shows no error of ours, only what stands in a payload's place: so the reason stands there. */
async function readable(payload: Payload, codec: DecodeDeps['codec']): Promise<Payload> {
  try {
    const [decoded = payload] = await codec.decode([payload]);
    return decoded;
  } catch (error) {
    if (error instanceof UnknownKeyError || error instanceof UnreadablePayloadError) {
      return defaultPayloadConverter.toPayload({ unreadable: error.message });
    }
    throw error;
  }
}
