import { isUtf8 } from 'node:buffer';
import express from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { SECOND } from '../../domain/time/instant';
import { ApiError, invalidRequest } from '../errors/problem';
import { checkDocument } from '../../domain/validation/document';

/** contract.md: a JSON body over 1 MB is refused. */
export const MAX_BODY_BYTES = 1_048_576;

/** How long a JSON body may take to come in whole. */
const WHOLE_WITHIN_MS = 30 * SECOND;

const parse = express.json({
  limit: MAX_BODY_BYTES,
  strict: false,
  type: () => true,
  verify: (_req, _res, bytes, charset) => refuseOtherThanUtf8(bytes, charset),
});

/** RFC 8259 section 8.1. Decoding would put U+FFFD for what is broken, and somebody's name would be stored so. */
export function refuseOtherThanUtf8(bytes: Buffer, charset: string): void {
  if (charset !== 'utf-8') throw new ApiError('content-type.unsupported', 'The body must be in UTF-8.');
  if (!isUtf8(bytes)) throw new ApiError('body.malformed', 'The body is not valid UTF-8.');
}

/**
 * Reads the JSON body of a request. What it returns holds only values that can be stored and copied safely.
 * @throws ApiError when there is none, or it is not JSON, too large, too long on its way, or not declared as one of `mediaTypes`.
 */
export async function readJsonBody(
  req: Request,
  res: Response,
  mediaTypes: readonly string[],
  withinMs: number = WHOLE_WITHIN_MS,
): Promise<unknown> {
  if (!hasBody(req)) throw new ApiError('body.missing');
  demandMediaType(req, mediaTypes);
  await parseWithin(parse, req, res, withinMs);
  return storable(req.body);
}

/** Has Express read a body into `req.body`. @throws ApiError as `readJsonBody`. */
export async function parseWithin(
  parser: RequestHandler,
  req: Request,
  res: Response,
  withinMs: number = WHOLE_WITHIN_MS,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => {
      reject(
        new ApiError('request.malformed', `The body did not come in whole within ${withinMs / SECOND} s.`),
      );
    }, withinMs);
    void parser(req, res, (error?: unknown) => {
      clearTimeout(limit);
      if (error === undefined) resolve();
      else reject(bodyError(error));
    });
  });
}

/** @throws ApiError when the document holds what nothing behind us can. */
export function storable(document: unknown): unknown {
  const errors = checkDocument(document);
  if (errors.length > 0) throw invalidRequest(errors);
  return document;
}

export function hasBody(req: Request): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
}

/** The media type of the body, without its parameters; empty when it is declared as nothing. */
export function declaredAs(req: Request): string {
  return (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** What the body is declared as, one of `mediaTypes`. @throws ApiError 415 when it is something else. */
export function demandMediaType<T extends string>(req: Request, mediaTypes: readonly T[]): T {
  const given = declaredAs(req);
  const found = mediaTypes.find((mediaType) => mediaType === given);
  if (found !== undefined) return found;
  throw new ApiError(
    'content-type.unsupported',
    `The body must be declared as ${mediaTypes.join(' or ')}.`,
    [],
    { Accept: mediaTypes.join(', ') },
  );
}

/** Translates what Express' body parser throws; it names the kind in `type`. */
function bodyError(thrown: unknown): unknown {
  if (thrown instanceof ApiError) return thrown;
  const type: unknown = thrown instanceof Error ? Reflect.get(thrown, 'type') : undefined;
  switch (type) {
    case 'entity.parse.failed': {
      const position = thrown instanceof Error ? /position (\d+)/.exec(thrown.message)?.[1] : undefined;
      const where = position === undefined ? '' : ` The mistake is at character ${position}.`;
      return new ApiError('body.malformed', `The body is not valid JSON.${where}`);
    }
    case 'entity.too.large':
      return new ApiError('body.too-large');
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new ApiError('content-type.unsupported');
    case 'request.aborted':
    case 'request.size.invalid':
      return new ApiError('request.malformed');
    default:
      // A body that says it is compressed and is not fails inside zlib, with a status and no type.
      return thrown instanceof Error && Reflect.get(thrown, 'status') === 400
        ? new ApiError('request.malformed')
        : thrown;
  }
}
