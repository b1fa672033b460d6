import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { ClientRequest, Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import express from 'express';
import type { Request } from 'express';
import { eventually } from '../../test/eventually';
import { ApiError } from '../errors/problem';
import { openUpload } from './upload';

const IDLE_MS = 200;
const FILE = Buffer.from(`id\n${Array.from({ length: 20_000 }, (_, n) => `p${n}`).join('\n')}\n`);

/** How each upload ended, and what is done with every piece of it. */
const ends: string[] = [];
let taking: () => Promise<void> = () => Promise.resolve();
let server: Server;

beforeAll(async () => {
  const app = express();
  app.post('/', (req, res) => {
    void take(req).finally(() => res.end());
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

async function take(req: Request): Promise<void> {
  let bytes = 0;
  try {
    for await (const piece of openUpload(req, ['text/csv'], 1_000_000, IDLE_MS).pieces) {
      bytes += piece.length;
      await taking();
    }
    ends.push(`${bytes} bytes`);
  } catch (error) {
    ends.push(error instanceof ApiError ? error.code : `other: ${String(error)}`);
  }
}

afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  ends.length = 0;
  taking = () => Promise.resolve();
});

function upload(encoding: string): ClientRequest {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const headers = { 'Content-Type': 'text/csv', 'Content-Encoding': encoding };
  return request({ port, host: '127.0.0.1', method: 'POST', headers });
}

const theEnd = (): Promise<true> => eventually('the upload is over', () => ends.length > 0);

describe.each([
  ['identity', FILE],
  ['gzip', gzipSync(FILE)],
])('an upload with the encoding %s', (encoding, body) => {
  it.each([
    ['nothing', 0],
    ['a part', 1_000],
  ])('is given up when %s has come and no more does', async (_what, sent) => {
    const call = upload(encoding);
    const lost = once(call, 'error');
    call.flushHeaders();
    if (sent > 0) call.write(body.subarray(0, sent));
    await theEnd();
    expect(ends).toEqual(['request.malformed']);
    const [error] = await lost;
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });

  it('ends as malformed when the client goes', async () => {
    const call = upload(encoding);
    call.on('error', () => undefined);
    let taken = 0;
    taking = async () => {
      taken += 1;
    };
    call.write(body.subarray(0, 20_000));
    await eventually('some of it is taken', () => taken > 0);
    call.destroy();
    await theEnd();
    expect(ends).toEqual(['request.malformed']);
  });

  it('may wait for as long as its pieces take to be kept', async () => {
    const call = upload(encoding);
    let taken = 0;
    taking = async () => {
      taken += 1;
      if (taken > 1) return;
      const since = performance.now();
      await eventually('longer than a client may be idle', () => performance.now() - since > 3 * IDLE_MS);
    };
    call.end(body);
    const [answer] = await once(call, 'response');
    answer.resume();
    expect(ends).toEqual([`${FILE.length} bytes`]);
  });
});
