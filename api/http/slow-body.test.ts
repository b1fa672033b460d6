import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import express from 'express';
import { eventually } from '../../test/eventually';
import { startService } from '../../test/api/service';
import { ApiError } from '../errors/problem';
import { readJsonBody } from './body';
import { limitLeftovers } from './leftover';

const LIMIT_MS = 300;

/** What a connection was answered, and whether it is closed. */
interface Talk {
  readonly socket: Socket;
  readonly heard: { text: string; closed: boolean };
}

function talk(port: number): Talk {
  const socket = connect(port, '127.0.0.1');
  const heard = { text: '', closed: false };
  socket.on('data', (bytes) => (heard.text += bytes.toString('latin1')));
  socket.on('error', () => undefined);
  socket.on('close', () => (heard.closed = true));
  return { socket, heard };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const head = (path: string, length: number): string =>
  `PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

describe('a JSON body that does not come in whole', () => {
  let server: Server;
  beforeAll(async () => {
    const app = express();
    app.use(limitLeftovers(LIMIT_MS));
    app.put('/read', (req, res) => {
      readJsonBody(req, res, ['application/json'], LIMIT_MS).then(
        () => res.end('read'),
        (error) => res.end(error instanceof ApiError ? `${error.code}: ${error.message}` : 'other'),
      );
    });
    app.put('/refuse', (_req, res) => {
      res.end('refused');
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it('is refused after a while, however slowly it goes on, and its connection is closed', async () => {
    const { socket, heard } = talk(portOf(server));
    socket.write(`${head('/read', 1_000)}{`);
    const drip = setInterval(() => socket.write(' '), LIMIT_MS / 10);
    await eventually('an answer', () =>
      heard.text.includes('request.malformed: The body did not come in whole'),
    );
    await eventually('the end of the connection', () => heard.closed);
    clearInterval(drip);
  });

  it('is not waited for by an answer that has no use for it', async () => {
    const { socket, heard } = talk(portOf(server));
    socket.write(`${head('/refuse', 1_000)}{`);
    await eventually('an answer', () => heard.text.includes('refused'));
    await eventually('the end of the connection', () => heard.closed);
  });

  it('keeps its connection when the rest comes in time', async () => {
    const { socket, heard } = talk(portOf(server));
    socket.write(`${head('/refuse', 2)}{`);
    await eventually('an answer', () => heard.text.includes('refused'));
    socket.write(`}${head('/read', 2)}{}`);
    await eventually('the next answer', () => heard.text.endsWith('read'));
    const since = performance.now();
    await eventually('longer than the limit', () => performance.now() - since > 2 * LIMIT_MS);
    expect(heard.closed).toBe(false);
    socket.destroy();
  });
});

describe('a caller without a valid key', () => {
  it.each(['PUT /v1/recipients/ada', 'POST /v1/recipients/import'])(
    'has the answer of %s before the body is there',
    async (route) => {
      const service = await startService();
      try {
        const { socket, heard } = talk(Number(new URL(service.url).port));
        const headers =
          'Host: x\r\nAuthorization: Bearer nobody\r\nContent-Type: text/csv\r\nContent-Length: 1000';
        socket.write(`${route} HTTP/1.1\r\n${headers}\r\n\r\n{`);
        await eventually('an answer', () => heard.text.includes('auth.invalid'));
        expect(heard.text).toMatch(/^HTTP\/1.1 401 /);
        socket.destroy();
      } finally {
        await service.stop();
      }
    },
  );
});
