import type { Channel, OutgoingMessage, SendContext, SendResult } from './channel';

/** A message as the other side received it. */
export interface ReceivedMessage {
  readonly address: string;
  readonly id: string;
  readonly subject: string | undefined;
  readonly body: string;
  readonly html: string | undefined;
}

/** A provider under test together with its other side. */
interface ConformanceSubject {
  readonly channel: Channel;
  /** What arrived so far; null for a provider that delivers nothing. */
  readonly received: (() => readonly ReceivedMessage[]) | null;
}

const CONTEXT: SendContext = { tenantId: 1, priority: 3 };

/** One rule of the suite. `check` rejects with what is wrong. */
export interface ConformanceRule {
  readonly name: string;
  check(subject: ConformanceSubject): Promise<void>;
}

/** What every provider has to do, whatever carries its messages. It knows no test runner: run each rule on a fresh subject. */
export const CONFORMANCE_RULES: readonly ConformanceRule[] = [
  {
    name: 'names itself and says how much it can carry at once',
    check: async ({ channel }) => {
      demand(/^[a-z][a-z0-9-]*$/.test(channel.provider), 'its provider label is not a plain word');
      demand(
        Number.isInteger(channel.concurrency) && channel.concurrency > 0,
        'its concurrency is not positive',
      );
      await channel.close();
    },
  },
  {
    name: 'accepts a message and delivers it as it is',
    check: async ({ channel, received }) => {
      const message: OutgoingMessage = {
        id: 'conformance-1',
        address: 'ada@example.test',
        subject: 'Grüße, Tom & "Jerry" <3 — 你好',
        body: 'Line one\n.\n..two\n\n“quoted” 😀',
        html: '<p>Grüße &amp; <b>more</b></p>',
      };
      demandResult(await channel.send(message, CONTEXT), 'accepted');
      const [arrived] = received?.() ?? [];
      if (received) {
        demand(arrived !== undefined, 'nothing arrived');
        demandSame(arrived?.address, message.address, 'address');
        demandSame(arrived?.subject, message.subject, 'subject');
        demandSame(lines(arrived?.body), lines(message.body), 'body');
        demandSame(lines(arrived?.html), lines(message.html), 'html');
      }
      await channel.close();
    },
  },
  {
    name: 'sends a second copy under the same id',
    check: async ({ channel, received }) => {
      const message = { id: 'conformance-2', address: 'ada@example.test', body: 'again' };
      demandResult(await channel.send(message, CONTEXT), 'accepted');
      demandResult(await channel.send(message, CONTEXT), 'accepted');
      if (received) {
        const ids = received().map(({ id }) => id);
        demand(ids.length === 2 && ids[0] === ids[1], 'the copies do not share an id');
        demand(ids[0]?.includes(message.id) === true, 'the id is not made of the message id');
      }
      await channel.close();
    },
  },
  {
    name: 'carries as many messages at once as it says, and more in line',
    check: async ({ channel, received }) => {
      const count = channel.concurrency * 2 + 1;
      const results = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          channel.send(
            { id: `conformance-3-${index}`, address: `p${index}@example.test`, body: `to ${index}` },
            CONTEXT,
          ),
        ),
      );
      for (const result of results) demandResult(result, 'accepted');
      if (received) {
        demandSame(new Set(received().map(({ id }) => id)).size, count, 'number of distinct messages');
        for (const { address, body } of received()) {
          demandSame(body.trim(), `to ${address.slice(1, address.indexOf('@'))}`, 'body');
        }
      }
      await channel.close();
    },
  },
  {
    name: 'never throws, and writes to nobody but who was named, whatever the address and the text hold',
    check: async ({ channel, received }) => {
      const texts = [
        '',
        'ada',
        'a b@example.test',
        'a@b\r\nRCPT TO:<eve@example.test>',
        'a@x, eve@x',
        '","recipient":"eve',
        '<>',
        '\u0000@x',
      ];
      for (const [index, address] of texts.entries()) {
        const id = `conformance-4-${index}`;
        const result = await channel.send(
          { id, address, subject: 'x\r\nBcc: eve@example.test', body: 'x' },
          CONTEXT,
        );
        demand(result.kind === 'rejected' || result.kind === 'accepted', `${result.kind} says nothing of it`);
        const arrived = (received?.() ?? []).filter((message) => message.id.includes(id));
        // Where any text names somebody it is taken, and then as it is.
        demandSame(arrived.length, result.kind === 'accepted' && received ? 1 : 0, 'number of messages');
        for (const message of arrived) demandSame(message.address, address, 'address');
      }
      const before = received?.().length ?? 0;
      demandResult(
        await channel.send(
          {
            id: 'conformance-5',
            address: 'ada@example.test',
            subject: 'x\r\nBcc: eve@example.test\r\n\r\nbody',
            body: '\r\n.\r\nMAIL FROM:<eve@example.test>\r\n\u0000\u001b',
          },
          CONTEXT,
        ),
        'accepted',
      );
      const addresses = (received?.() ?? []).slice(before).map(({ address }) => address);
      if (received) demandSame(addresses.join(' '), 'ada@example.test', 'who was written to');
      await channel.close();
    },
  },
  {
    name: 'closes after what is on its way, and may be closed twice',
    check: async ({ channel, received }) => {
      const sending = channel.send(
        { id: 'conformance-6', address: 'ada@example.test', body: 'last' },
        CONTEXT,
      );
      await channel.close();
      demandResult(await sending, 'accepted');
      if (received) demandSame(received().length, 1, 'number of messages');
      await channel.close();
    },
  },
];

function lines(text: string | undefined): string | undefined {
  return text?.replaceAll('\r\n', '\n').trimEnd();
}

function demandResult(result: SendResult, kind: SendResult['kind']): void {
  demandSame(result.kind, kind, 'result');
}

function demandSame(found: unknown, wanted: unknown, what: string): void {
  demand(found === wanted, `${what} is ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
}

function demand(holds: boolean, complaint: string): void {
  if (!holds) throw new Error(complaint);
}
