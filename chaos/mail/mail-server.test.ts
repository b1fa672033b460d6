import { EventEmitter, once } from 'node:events';
import type { Channel, SendResult } from '../../channels/channel';
import { createSmtpChannel } from '../../channels/smtp';
import { eventually } from '../../test/eventually';
import { freePort } from '../../test/free-port';
import { type MailServer, startMailServer } from './mail-server';

const REFUSED = 'nobody@example.com';

let server: MailServer;
let channel: Channel;

beforeEach(async () => {
  server = await startMailServer({
    port: await freePort(),
    mailMs: 50,
    refused: (address) => address === REFUSED,
  });
  channel = createSmtpChannel({
    url: server.urlFor('worker-1-1'),
    from: 'chaos@example.com',
    connections: 2,
  });
});

afterEach(async () => {
  await channel.close();
  await server.close();
});

const sendBy = (by: Channel, address: string): Promise<SendResult> =>
  by.send(
    { id: `m-${address.split('@')[0]}`, address, subject: 'First', body: 'News.' },
    { tenantId: 1, priority: 3 },
  );

const send = (address: string): Promise<SendResult> => sendBy(channel, address);

async function opened(gate: EventEmitter): Promise<void> {
  await once(gate, 'open');
}

const kept = () => server.log.mails.map(({ address, answer }) => `${address} ${answer}`);

describe('the mail server of a chaos run', () => {
  it('keeps what it accepts, with who sent it', async () => {
    await expect(send('ada@example.com')).resolves.toEqual({ kind: 'accepted' });
    expect(server.log.mails).toEqual([
      {
        at: expect.any(Number),
        worker: 'worker-1-1',
        address: 'ada@example.com',
        subject: 'First',
        messageId: '<m-ada@example.com>',
        answer: 'given',
      },
    ]);
    expect(server.reached()).toBe(1);
  });

  it('refuses some for good, whatever the weather', async () => {
    await expect(send(REFUSED)).resolves.toEqual({ kind: 'rejected', reason: 'rejected-address' });
    expect(server.log).toEqual({ mails: [], refusals: [{ address: REFUSED, code: 550 }] });
  });

  it('breaks mails off before the final dot, and keeps nothing of them', async () => {
    server.weather.drop = { cut: 'before-the-dot', mails: 1 };
    await expect(send('ada@example.com')).resolves.toEqual({ kind: 'unknown' });
    await expect(send('ben@example.com')).resolves.toEqual({ kind: 'accepted' });
    expect(kept()).toEqual(['ben@example.com given']);
  });

  it('breaks mails off after it, and keeps them without an answer', async () => {
    server.weather.drop = { cut: 'after-the-dot', mails: 1 };
    await expect(send('ada@example.com')).resolves.toEqual({ kind: 'unknown' });
    await expect(send('ben@example.com')).resolves.toEqual({ kind: 'accepted' });
    expect(kept()).toEqual(['ada@example.com withheld', 'ben@example.com given']);
  });

  it('hangs, and goes on where it was', async () => {
    const gate = new EventEmitter();
    server.weather.hang = opened(gate);
    const sending = send('ada@example.com');
    expect(kept()).toEqual([]);
    gate.emit('open');
    await expect(sending).resolves.toEqual({ kind: 'accepted' });
  });

  it('knows that nobody was there for an answer', async () => {
    const gate = new EventEmitter();
    await send('ada@example.com');
    const impatient = createSmtpChannel({
      url: server.urlFor('worker-2-1'),
      from: 'chaos@example.com',
      connections: 1,
      timeoutMs: 200,
    });
    await sendBy(impatient, 'eve@example.com');
    const sending = sendBy(impatient, 'ben@example.com');
    await eventually('it has the mail', () => server.onTheWire('worker-2-1') === 1, { everyMs: 5 });
    server.weather.hang = opened(gate);
    await expect(sending).resolves.toEqual({ kind: 'unknown' });
    server.weather.hang = null;
    await expect(send('cid@example.com')).resolves.toEqual({ kind: 'accepted' });
    gate.emit('open');
    await eventually('it is done with it', () => server.onTheWire('worker-2-1') === 0);
    expect(kept()).toContain('ben@example.com withheld');
    await impatient.close();
  });

  it('refuses connections, and takes them again', async () => {
    await send('ada@example.com');
    const back = server.refuseConnections(100);
    await expect(send('ben@example.com')).resolves.toEqual({ kind: 'transient' });
    await back;
    await expect(send('cid@example.com')).resolves.toEqual({ kind: 'accepted' });
    // The answer to the first may have been lost with its connection.
    expect(kept()).toEqual(['ada@example.com withheld', 'cid@example.com given']);
  });

  it.each([
    [421, { kind: 'transient' }],
    [450, { kind: 'transient' }],
    [550, { kind: 'rejected', reason: 'rejected-address' }],
  ] as const)('answers %s', async (code, result) => {
    server.weather.answer = { code, share: 1 };
    await expect(send('ada@example.com')).resolves.toEqual(result);
    expect(server.log.refusals.map((refusal) => refusal.code)).toEqual(code === 421 ? [] : [code]);
  });
});
