import { CORRELATION_HEADER } from '../http/correlation';
import type { ResponseSpec, Route } from '../http/route';
import { isWrite } from '../http/route';
import { KEY_PATTERN } from '../idempotency/key';
import { REPLAYED_HEADER } from '../idempotency/once';
import type { JsonSchema } from './json-schema';

const CORRELATION_PATTERN = '^[A-Za-z0-9._:-]{1,128}$';

/** What the value of a header looks like; any text unless it stands here. */
const SHAPES: Readonly<Record<string, JsonSchema>> = {
  ETag: { type: 'string', pattern: '^"[1-9][0-9]*"$' },
  Location: { type: 'string', format: 'uri-reference' },
  'Retry-After': { type: 'string', pattern: '^[1-9][0-9]*$' },
};

/** Headers that stand in many answers, for `components.headers`. `required` means: always there. */
export const SHARED_HEADERS: Readonly<Record<string, JsonSchema>> = {
  CorrelationId: {
    description: 'Correlation id of the request: the one that was sent, or one of ours.',
    required: true,
    schema: { type: 'string', pattern: CORRELATION_PATTERN },
  },
  CacheControl: {
    description: 'Answers are never kept by caches.',
    required: true,
    schema: { type: 'string', const: 'no-store' },
  },
  IdempotencyReplayed: {
    description: 'There when the answer is that of an earlier request with the same `Idempotency-Key`.',
    schema: { type: 'string', const: 'true' },
  },
  RetryAfter: {
    description: 'Seconds after which to try again.',
    required: true,
    schema: SHAPES['Retry-After'],
  },
  RetryAfterProgress: {
    description: 'With `idempotency.in-progress`: seconds after which to try again.',
    schema: SHAPES['Retry-After'],
  },
  Authenticate: {
    description: 'How to send a credential (RFC 6750).',
    required: true,
    schema: { type: 'string', pattern: '^Bearer ' },
  },
  Accept: {
    description: 'The media types that the route takes, when the declared one is the reason.',
    schema: { type: 'string' },
  },
};

const reference = (name: string): JsonSchema => ({ $ref: `#/components/headers/${name}` });

const always = {
  [CORRELATION_HEADER]: reference('CorrelationId'),
  'Cache-Control': reference('CacheControl'),
};

export function successHeaders(route: Route, { headers = {} }: ResponseSpec): JsonSchema {
  const own = Object.entries(headers).map(([name, description]) => [
    name,
    { description, required: true, schema: SHAPES[name] ?? { type: 'string' } },
  ]);
  return {
    ...always,
    ...(isWrite(route) && { [REPLAYED_HEADER]: reference('IdempotencyReplayed') }),
    ...Object.fromEntries(own),
  };
}

export function failureHeaders(route: Route, status: number): JsonSchema {
  switch (status) {
    case 401:
      return { ...always, 'WWW-Authenticate': reference('Authenticate') };
    case 409:
      return isWrite(route) ? { ...always, 'Retry-After': reference('RetryAfterProgress') } : always;
    case 415:
      return { ...always, Accept: reference('Accept') };
    case 429:
    case 503:
      return { ...always, 'Retry-After': reference('RetryAfter') };
    default:
      return always;
  }
}

/** Headers that may be sent; the credential's is said by `security`, and the media type by the body. */
export function headerParameters(route: Route): JsonSchema[] {
  const parameters = [
    {
      name: CORRELATION_HEADER,
      in: 'header',
      required: false,
      description: 'Comes back in the answer, in errors and in our log; made when absent.',
      schema: { type: 'string', pattern: CORRELATION_PATTERN },
    },
  ];
  if (isWrite(route)) {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description:
        'Makes repeating safe: for 24 hours the same request with the same key is not done again but answered ' +
        `as before, with \`${REPLAYED_HEADER}: true\`. Keys belong to the credential; what was refused leaves its key free.`,
      schema: { type: 'string', pattern: KEY_PATTERN },
    });
  }
  if (route.ifMatch) {
    parameters.push({
      name: 'If-Match',
      in: 'header',
      required: true,
      description:
        'The `ETag` of the version that the change is based on, several of them, or `*` for whichever is current.',
      schema: { type: 'string', pattern: String.raw`^(\*|"[^"]*"(\s*,\s*"[^"]*")*)$` },
    });
  }
  if (route.upload) {
    parameters.push({
      name: 'Content-Encoding',
      in: 'header',
      required: false,
      description: '`gzip` when the file is compressed.',
      schema: { type: 'string', pattern: '^(gzip|identity)$' },
    });
  }
  return parameters;
}
