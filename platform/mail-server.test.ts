import { once } from 'node:events';
import { createServer } from 'node:net';
import { startMailServer, urlOf } from '../test/mail-server';
import { createMailServerProbe } from './mail-server';

describe('asking a mail server whether it is there', () => {
  it('is content with one that greets and says hello', async () => {
    const server = await startMailServer();
    await createMailServerProbe(server.url, Date.now).ping(5_000);
    await server.close();
    expect(server.mails).toEqual([]);
  });

  it('fails when nothing listens', async () => {
    const server = await startMailServer();
    await server.close();
    await expect(createMailServerProbe(server.url, Date.now).ping(5_000)).rejects.toThrow('does not answer');
  });

  it.each([
    ['is silent', ''],
    ['refuses', '554 no service\r\n'],
  ])('fails when it %s, in time and without what it said', async (_, greeting) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(greeting);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const asked = createMailServerProbe(urlOf(server.address()), Date.now).ping(100);
    await expect(asked).rejects.toThrow(/^The mail server does not answer\.$/);
    server.close();
  });

  it('asks once for all who ask within two seconds', async () => {
    let connections = 0;
    const server = await startMailServer({
      onConnect(_session, done) {
        connections += 1;
        done();
      },
    });
    let now = 0;
    const probe = createMailServerProbe(server.url, () => now);
    await Promise.all([probe.ping(5_000), probe.ping(5_000)]);
    now = 1_999;
    await probe.ping(5_000);
    expect(connections).toBe(1);
    now = 2_001;
    await probe.ping(5_000);
    expect(connections).toBe(2);
    await server.close();
  });
});
