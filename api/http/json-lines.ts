import express from 'express';
import type { Request, Response } from 'express';
import { ApiError } from '../errors/problem';
import { hasBody, parseWithin, refuseOtherThanUtf8, storable } from './body';

/** Lines are read whole, for those who send many things at once; files go through `http/upload`. */
const MAX_BYTES = 16 * 1_048_576;

const parse = express.raw({ limit: MAX_BYTES, type: () => true });

/**
 * Reads a body of one JSON document a line; blank lines say nothing.
 * @throws ApiError when there is none, it is too large, or a line is not JSON.
 */
export async function readJsonLines(req: Request, res: Response): Promise<unknown[]> {
  if (!hasBody(req)) throw new ApiError('body.missing');
  await parseWithin(parse, req, res);
  const bytes: unknown = req.body;
  if (!Buffer.isBuffer(bytes)) throw new ApiError('body.missing');
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(req.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  refuseOtherThanUtf8(bytes, charset.toLowerCase());
  const lines = bytes.toString('utf8').split('\n');
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [parsed(line, index)]));
}

function parsed(line: string, index: number): unknown {
  try {
    return storable(JSON.parse(line));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError('body.malformed', `Line ${index + 1} is not valid JSON.`);
  }
}
