import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openTerminal } from './terminal';
import type { Terminal } from './terminal';

const server = createServer((request, response) => {
  const status = Number(request.url?.slice(1));
  response.writeHead(status, { location: '/200' }).end(`status ${status}`);
});
let terminal: Terminal;

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  terminal = openTerminal({ API: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});

afterAll(() => {
  terminal.close();
  server.close();
});

it('shows what a command says', async () => {
  expect(await terminal.run('curl -s "$API/200"')).toEqual({ code: 0, said: 'status 200' });
});

it.each([[404], [302], [500]])('fails when a call is answered with %d', async (status) => {
  expect(await terminal.run(`curl -s "$API/${status}"`)).toMatchObject({ code: expect.any(Number) });
  const { code, said } = await terminal.run(`export ID="$(curl -s "$API/${status}" | cat)"; echo on`);
  expect({ code, said }).toEqual({ code: 22, said: expect.stringContaining(`/${status}`) });
});

it('fails when a command in the middle of a block fails', async () => {
  const { code } = await terminal.run('false\ntrue');
  expect(code).toBe(1);
});

it('fails when a command reads a variable that no block has set', async () => {
  const { code, said } = await terminal.run('echo "$NOBODY"');
  expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('NOBODY: unbound variable') });
});

it("keeps what blocks export, and files, but not a page's own idea of the address", async () => {
  await terminal.run(`export API=http://localhost:3000 NAME="it's"; echo kept > file`);
  expect(await terminal.run('echo "$NAME"; cat file; curl -s "$API/200"')).toEqual({
    code: 0,
    said: "it's\nkept\nstatus 200",
  });
  expect(await terminal.exported('NAME')).toBe("it's");
});
