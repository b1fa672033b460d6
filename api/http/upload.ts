import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Request } from 'express';
import { SECOND } from '../../domain/time/instant';
import { errorCode } from '../../platform/error-code';
import { ApiError } from '../errors/problem';
import { demandMediaType, hasBody } from './body';

/** A connection on which nothing comes for so long, while we wait for it, is given up. */
const IDLE_MS = 60 * SECOND;

/** A body that is read piece by piece. */
export interface Upload<T extends string = string> {
  readonly mediaType: T;
  /** Decompressed. @throws ApiError when it is too large, cut off or not what it is declared as. */
  readonly pieces: AsyncIterable<Buffer>;
  /** SHA-256 of what was read so far, as base64. */
  digest(): string;
}

/**
 * Looks at the head of a request with a large body; nothing of the body is read yet.
 * @param maxBytes of the body once it is decompressed.
 * @param idleMs after which a client that sends nothing is given up.
 * @throws ApiError when there is no body, or it is declared too large or as something else than `mediaTypes` in UTF-8.
 */
export function openUpload<T extends string>(
  req: Request,
  mediaTypes: readonly T[],
  maxBytes: number,
  idleMs: number = IDLE_MS,
): Upload<T> {
  if (!hasBody(req)) throw new ApiError('body.missing', 'This route needs a file as its body.');
  const mediaType = demandMediaType(req, mediaTypes);
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(req.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new ApiError('content-type.unsupported', 'The file must be in UTF-8.');
  }
  const encoding = req.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new ApiError('content-type.unsupported', 'The file may be sent as it is or compressed with gzip.');
  }
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const hash = createHash('sha256');
  return {
    mediaType,
    pieces: readPieces(req, encoding === 'gzip' ? decompressed(req) : req, { maxBytes, idleMs }, (piece) =>
      hash.update(piece),
    ),
    digest: () => hash.copy().digest('base64'),
  };
}

async function* readPieces(
  req: Request,
  body: Readable,
  { maxBytes, idleMs }: { maxBytes: number; idleMs: number },
  seen: (piece: Buffer) => void,
): AsyncGenerator<Buffer> {
  // Left open when reading stops early: the answer goes over the same connection.
  const pieces: AsyncIterator<Buffer> = body.iterator({ destroyOnReturn: false });
  let bytes = 0;
  try {
    for (;;) {
      const next = await whileHeard(req, idleMs, pieces.next());
      if (next.done === true) return;
      const piece = next.value;
      bytes += piece.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      seen(piece);
      yield piece;
    }
  } catch (error) {
    throw uploadError(error);
  } finally {
    await pieces.return?.();
    // A client that is still sending reads the answer when it is done: the rest is read away.
    req.unpipe();
    req.resume();
  }
}

/**
 * Waits for a piece for as long as something comes over the connection, be it too little for a whole piece. Not the
 * timer of the socket: that one also counts while whoever takes the pieces is slow, and we read nothing ourselves.
 */
async function whileHeard<T>(req: Request, idleMs: number, piece: Promise<T>): Promise<T> {
  let heard = req.socket.bytesRead;
  const watch = setInterval(() => {
    const now = req.socket.bytesRead;
    if (now === heard) req.destroy(connectionLost());
    heard = now;
  }, idleMs);
  try {
    return await piece;
  } finally {
    clearInterval(watch);
  }
}

/** Of the same code as when the client goes: who reads ends in one way. */
function connectionLost(): Error {
  return Object.assign(new Error('The upload was cut off.'), { code: 'ECONNRESET' });
}

/** By hand: a `pipeline` would close the connection with a broken body, and nobody could be told why. */
function decompressed(req: Request): Readable {
  const gunzip = createGunzip();
  req.on('error', (error) => gunzip.destroy(error));
  // A request may also end without a word: nothing would ever come out of what waits for the rest of it.
  req.on('close', () => {
    if (!req.readableEnded) gunzip.destroy(connectionLost());
  });
  return req.pipe(gunzip);
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError(
    'body.too-large',
    `The file is larger than ${maxBytes} bytes: send it in parts, or let the operator raise SUNDIAL_IMPORT_MAX_BYTES.`,
  );
}

/** What a stream says that ends before its end. */
const CUT_OFF = new Set(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE']);

function uploadError(thrown: unknown): unknown {
  const code = errorCode(thrown);
  if (code === undefined) return thrown;
  if (code.startsWith('Z_'))
    return new ApiError('request.malformed', 'The body is not valid gzip, or ends early.');
  return CUT_OFF.has(code) ? new ApiError('request.malformed') : thrown;
}
