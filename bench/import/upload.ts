import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { BenchStopped } from '../bench';
import { peopleFile } from './people-file';

const accepted = z.object({ id: z.string() });

/** Sends the file as fast as the API takes it, without ever holding all of it; the id of the job that imports it. */
export async function uploadPeople(
  apiUrl: string,
  adminKey: string,
  rows: number,
  signal: AbortSignal,
): Promise<string> {
  const call = request(`${apiUrl}/v1/recipients/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'text/csv' },
    signal,
  });
  const answered = once(call, 'response') as Promise<[IncomingMessage]>;
  const [[response]] = await Promise.all([answered, pipeline(Readable.from(peopleFile(rows)), call)]);
  const body = await text(response);
  if (response.statusCode !== 202)
    throw new BenchStopped(`The file was answered with ${response.statusCode}: ${body}`);
  return accepted.parse(JSON.parse(body)).id;
}
