import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { eventually } from '../test/eventually';
import { createRetiring } from './retiring';
import type { Retiring } from './retiring';

let server: Server;
let retiring: Retiring;
let url: string;
let agent: Agent;
let held: ServerResponse[];

beforeEach(async () => {
  held = [];
  agent = new Agent({ keepAlive: true });
  server = createServer((request, response) => {
    if (request.url === '/held') held.push(response);
    else response.end('answered');
  });
  server.keepAliveTimeout = 600_000;
  retiring = createRetiring(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});

afterEach(() => {
  agent.destroy();
  server.closeAllConnections();
  server.close();
});

async function ask(path: string): Promise<IncomingMessage> {
  const [answer] = (await once(get(url + path, { agent }), 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer;
}

describe('a server that retires', () => {
  it('keeps connections before', async () => {
    expect((await ask('/')).headers.connection).toBe('keep-alive');
  });

  it('goes on serving, and asks its callers to connect anew', async () => {
    await ask('/');
    retiring.begin();
    const answer = await ask('/');
    expect([answer.statusCode, answer.headers.connection]).toEqual([200, 'close']);
  });

  it('asks so also those whose answer was under way', async () => {
    const asked = ask('/held');
    await eventually('the request is there', () => held.length === 1);
    retiring.begin();
    held[0]?.end();
    expect((await asked).headers.connection).toBe('close');
  });

  it('ends at once when every connection lies idle', async () => {
    await ask('/');
    await retiring.end(600_000);
    expect(server.listening).toBe(false);
  });

  it('lets an answer finish whose head had left, and ends then', async () => {
    const asked = ask('/held');
    await eventually('the request is there', () => held.length === 1);
    held[0]?.write('half of it');
    retiring.begin();
    const ended = retiring.end(600_000);
    held[0]?.end(' and the rest');
    expect((await asked).statusCode).toBe(200);
    await ended;
  });

  it('cuts an answer that takes longer than its grace', async () => {
    const asked = ask('/held');
    const cut = asked.then(
      () => 'answered',
      (error: unknown) => String(error),
    );
    await eventually('the request is there', () => held.length === 1);
    await retiring.end(10);
    expect(await cut).toContain('socket hang up');
  });
});
