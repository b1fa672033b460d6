import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import type { SMTPServerOptions } from 'smtp-server';
import { startMailServer, urlOf } from '../test/mail-server';
import type { Mail } from '../test/mail-server';
import type { Channel } from './channel';
import { CONFORMANCE_RULES } from './conformance';
import { createSmtpChannel } from './smtp';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function startServer(
  options: SMTPServerOptions = {},
): Promise<{ url: string; mails: readonly Mail[] }> {
  const server = await startMailServer(options);
  closing.push(() => server.close());
  return server;
}

/** A server made of scripted replies, for what no well-behaved server does. */
async function startRawServer(reply: (line: string, socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.write('220 raw ESMTP\r\n');
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) reply(line, socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return urlOf(server.address());
}

function open(url: string, timeoutMs = 5_000): Channel {
  const channel = createSmtpChannel({ url, from: 'Sundial <news@sundial.test>', connections: 3, timeoutMs });
  closing.push(() => channel.close());
  return channel;
}

const CONTEXT = { tenantId: 1, priority: 3 } as const;
const message = { id: 'm1', address: 'ada@example.test', subject: 'Hi', body: 'Hello' };

/** Refuses with an SMTP reply. */
const reply = (responseCode: number, text = 'no'): Error => Object.assign(new Error(text), { responseCode });

describe('the SMTP channel', () => {
  it.each(CONFORMANCE_RULES.map((rule) => [rule.name, rule] as const))('%s', async (_, rule) => {
    const { url, mails } = await startServer();
    await expect(rule.check({ channel: open(url), received: () => mails })).resolves.toBeUndefined();
  });

  it('sends from the configured sender, with a Message-ID below its domain, text and html side by side', async () => {
    const { url, mails } = await startServer();
    await open(url).send({ ...message, html: '<b>Hello</b>' }, CONTEXT);
    expect(mails).toMatchObject([
      { from: 'news@sundial.test', id: '<m1@sundial.test>', body: 'Hello\n', html: '<b>Hello</b>\n' },
    ]);
    expect(mails[0]?.raw).toContain('multipart/alternative');
    expect(mails[0]?.raw).toContain('From: Sundial <news@sundial.test>');
  });

  it.each([
    '',
    'ada',
    'a b@example.test',
    'a@b\r\nRCPT TO:<eve@example.test>',
    'a@x, eve@x',
    '<>',
    '\u0000@x',
  ])('refuses %j for an address, and asks the server nothing', async (address) => {
    const { url, mails } = await startServer();
    expect(await open(url).send({ ...message, address }, CONTEXT)).toEqual({
      kind: 'rejected',
      reason: 'rejected-address',
    });
    expect(mails).toEqual([]);
  });

  it('goes on over the same connection after a refusal', async () => {
    let connections = 0;
    const { url, mails } = await startServer({
      onConnect(_, done) {
        connections += 1;
        done();
      },
      onRcptTo: ({ address }, _, done) => done(address.startsWith('bad') ? reply(550) : null),
    });
    const channel = createSmtpChannel({ url, from: 'news@sundial.test', connections: 1 });
    closing.push(() => channel.close());
    expect((await channel.send({ ...message, address: 'bad@example.test' }, CONTEXT)).kind).toBe('rejected');
    expect((await channel.send(message, CONTEXT)).kind).toBe('accepted');
    expect(mails).toHaveLength(1);
    expect(connections).toBe(1);
  });
});

describe('what the server answers', () => {
  it.each([
    [550, { kind: 'rejected', reason: 'rejected-address' }],
    [553, { kind: 'rejected', reason: 'rejected-address' }],
    [450, { kind: 'transient' }],
    [421, { kind: 'transient' }],
    [503, { kind: 'transient' }],
  ])('%d to the recipient', async (code, expected) => {
    const { url } = await startServer({ onRcptTo: (_address, _session, done) => done(reply(code)) });
    expect(await open(url).send(message, CONTEXT)).toEqual(expected);
  });

  it.each([
    [550, { kind: 'rejected', reason: 'rejected-message' }],
    [451, { kind: 'transient' }],
  ])('%d to the sender', async (code, expected) => {
    const { url } = await startServer({ onMailFrom: (_address, _session, done) => done(reply(code)) });
    expect(await open(url).send(message, CONTEXT)).toEqual(expected);
  });

  it.each([
    [554, { kind: 'rejected', reason: 'rejected-message' }],
    [452, { kind: 'transient' }],
    [421, { kind: 'transient' }],
  ])('%d to the content', async (code, expected) => {
    const { url } = await startServer({
      onData(stream, _session, done) {
        stream.resume();
        stream.on('end', () => done(reply(code)));
      },
    });
    expect(await open(url).send(message, CONTEXT)).toEqual(expected);
  });

  it.each([
    [421, '4.7.0 Temporary rate limit reached', 'rate-limited'],
    [450, '4.2.1 Too many messages from your address', 'rate-limited'],
    [451, '4.4.5 Come back later', 'rate-limited'],
    [454, 'Throttling failure: maximum sending rate', 'rate-limited'],
    [452, '4.3.1 Insufficient system storage', 'transient'],
    [450, '4.2.0 Mailbox busy; operating at reduced grade', 'transient'],
  ])('%d "%s" to the recipient', async (code, text, kind) => {
    const { url } = await startServer({ onRcptTo: (_address, _session, done) => done(reply(code, text)) });
    expect(await open(url).send(message, CONTEXT)).toEqual({ kind });
  });

  it.each([
    [550, '5.1.1 User unknown', 'rejected-address'],
    [556, '5.1.10 Recipient domain has a null MX', 'rejected-address'],
    [550, '5.2.1 Mailbox disabled', 'rejected-address'],
    [550, 'No such user here', 'rejected-address'],
    [550, '5.7.1 Too many complaints', 'rejected-message'],
    [550, '5.2.2 Mailbox full', 'rejected-message'],
    [552, 'Mailbox full', 'rejected-message'],
    [553, '5.1.8 Sender domain does not exist', 'rejected-message'],
    [554, '5.7.1 Relay access denied', 'rejected-message'],
    [550, 'Relaying denied', 'rejected-message'],
    [550, 'Your host is on a blocklist', 'rejected-message'],
  ])('%d "%s" to the recipient is for good, by what is at fault', async (code, text, reason) => {
    const refuse = reply(code, text);
    const { url } = await startServer({ onRcptTo: (_address, _session, done) => done(refuse) });
    expect(await open(url).send(message, CONTEXT)).toEqual({ kind: 'rejected', reason });
  });

  it('that the mail is too large', async () => {
    const { url } = await startServer({ size: 1_000, rejectOversized: true });
    expect(await open(url).send({ ...message, body: 'x'.repeat(5_000) }, CONTEXT)).toEqual({
      kind: 'rejected',
      reason: 'rejected-message',
    });
  });

  it('554 to the connection itself says nothing about the message', async () => {
    const { url } = await startServer({ onConnect: (_session, done) => done(reply(554)) });
    expect(await open(url).send(message, CONTEXT)).toEqual({ kind: 'transient' });
  });

  it('that the credentials are wrong says nothing about the message', async () => {
    const { url } = await startServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(reply(535)),
    });
    expect(await open(url.replace('//', '//user:wrong@')).send(message, CONTEXT)).toEqual({
      kind: 'transient',
    });
  });
});

describe('no answer', () => {
  it('from a port where nobody listens is transient', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = urlOf(server.address());
    server.close();
    await once(server, 'close');
    expect(await open(url).send(message, CONTEXT)).toEqual({ kind: 'transient' });
  });

  it('to the greeting, or to the envelope, is transient: nothing has left', async () => {
    const silent = await startRawServer(() => undefined);
    expect(await open(silent, 200).send(message, CONTEXT)).toEqual({ kind: 'transient' });
    const deaf = await startRawServer((line, socket) => {
      if (line.startsWith('EHLO')) socket.write('250 raw\r\n');
    });
    expect(await open(deaf, 200).send(message, CONTEXT)).toEqual({ kind: 'transient' });
  });

  it('to the content is unknown: it may have been accepted', async () => {
    const url = await startRawServer((line, socket) => {
      if (/^(EHLO|MAIL|RCPT|RSET)/.test(line)) socket.write('250 ok\r\n');
      if (line === 'DATA') socket.write('354 go on\r\n');
    });
    expect(await open(url, 200).send(message, CONTEXT)).toEqual({ kind: 'unknown' });
  });

  it('but a closed connection after the content is unknown too', async () => {
    const url = await startRawServer((line, socket) => {
      if (/^(EHLO|MAIL|RCPT|RSET)/.test(line)) socket.write('250 ok\r\n');
      if (line === 'DATA') socket.write('354 go on\r\n');
      if (line === '.') socket.destroy();
    });
    expect(await open(url).send(message, CONTEXT)).toEqual({ kind: 'unknown' });
  });

  it('but a closed connection before the content is transient', async () => {
    const url = await startRawServer((line, socket) => {
      if (line.startsWith('EHLO')) socket.write('250 raw\r\n');
      if (line.startsWith('MAIL')) socket.destroy();
    });
    expect(await open(url).send(message, CONTEXT)).toEqual({ kind: 'transient' });
  });
});
