import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { eventually } from '../test/eventually';
import { converse } from './smtp-conversation';
import type { SmtpConversation } from './smtp-conversation';

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that answers each line as told, and what it was sent, write by write. */
async function talkingTo(
  answer: (line: string, socket: Socket) => string | undefined,
  extensions: Partial<Parameters<typeof converse>[1]> = {},
): Promise<{ conversation: SmtpConversation; lines: string[]; writes: string[] }> {
  const lines: string[] = [];
  const writes: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    let rest = '';
    socket.on('data', (chunk) => {
      writes.push(chunk.toString('latin1'));
      const whole = (rest + chunk.toString('latin1')).split('\r\n');
      rest = whole.pop() ?? '';
      // What was asked at once is answered at once.
      const replies = whole.map((line) => {
        lines.push(line);
        return answer(line, socket);
      });
      const text = replies.filter((reply) => reply !== undefined).map((reply) => `${reply}\r\n`);
      if (text.length > 0) socket.write(text.join(''));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  closing.push(() => {
    socket.destroy();
    server.close();
  });
  const conversation = converse(socket, { pipelining: true, utf8: false, size: null, ...extensions });
  return { conversation, lines, writes };
}

const mailTo = (to: string, raw = 'Subject: Hi\r\n\r\nHello') => ({ from: 'news@x.test', to, raw });

/** Takes everything. */
function obliging(line: string): string | undefined {
  if (/^(MAIL|RCPT|RSET)/.test(line)) return '250 ok';
  if (line === 'DATA') return '354 go on';
  return line === '.' ? '250 taken' : undefined;
}

describe('a conversation with a mail server', () => {
  it('sends an envelope in one write, and the next one with the content before it', async () => {
    const { conversation, writes } = await talkingTo(obliging);
    const sent = ['a', 'b', 'c'].map((to) => conversation.send(mailTo(to)));
    await expect(Promise.all(sent)).resolves.toEqual(Array.from({ length: 3 }, () => ({ kind: 'sent' })));
    const content = 'Subject: Hi\r\n\r\nHello\r\n.\r\n';
    expect(writes).toEqual([envelope('a'), content + envelope('b'), content + envelope('c'), content]);
  });

  it('waits for each answer where the server does not say that it need not', async () => {
    const { conversation, writes } = await talkingTo(obliging, { pipelining: false });
    await Promise.all(['a', 'b'].map((to) => conversation.send(mailTo(to))));
    expect(conversation.depth).toBe(1);
    expect(writes.map((text) => text.slice(0, 4))).toEqual([
      'MAIL',
      'RCPT',
      'DATA',
      'Subj',
      'MAIL',
      'RCPT',
      'DATA',
      'Subj',
    ]);
  });

  it.each([true, false])('goes on after a refusal, pipelining: %s', async (pipelining) => {
    const answer = (line: string) =>
      line === 'DATA' && last(lines) === 'bad' ? '503 no recipient' : refusing(line);
    const { conversation, lines } = await talkingTo(answer, { pipelining });
    const [bad, good] = await Promise.all([
      conversation.send(mailTo('bad')),
      conversation.send(mailTo('good')),
    ]);
    expect(bad).toMatchObject({
      kind: 'failed',
      contentLeft: false,
      error: { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550, permanent: true },
    });
    expect(good).toEqual({ kind: 'sent' });
    expect(lines).toContain('RSET');
  });

  it('ends the content of nobody when a server asks for it all the same', async () => {
    const { conversation, lines } = await talkingTo((line) => {
      if (line === 'RCPT TO:<bad>') return '450 not now';
      return obliging(line);
    });
    const [bad, good] = await Promise.all([
      conversation.send(mailTo('bad')),
      conversation.send(mailTo('good')),
    ]);
    expect(bad).toMatchObject({ kind: 'failed', contentLeft: false, error: { responseCode: 450 } });
    expect(good).toEqual({ kind: 'sent' });
    expect(lines.slice(0, 4)).toEqual(['MAIL FROM:<news@x.test>', 'RCPT TO:<bad>', 'DATA', '.']);
  });

  it('knows which content had left when the connection ends', async () => {
    const { conversation } = await talkingTo((line, socket) => {
      if (line === '.') {
        socket.destroy();
        return undefined;
      }
      return obliging(line);
    });
    const [left, kept] = await Promise.all([conversation.send(mailTo('a')), conversation.send(mailTo('b'))]);
    expect(left).toMatchObject({ kind: 'failed', contentLeft: true });
    expect(kept).toMatchObject({ kind: 'failed', contentLeft: false });
    expect(conversation.alive()).toBe(false);
    await expect(conversation.send(mailTo('c'))).resolves.toMatchObject({ contentLeft: false });
  });

  it('ends when the server says that it closes, asked or not', async () => {
    const { conversation } = await talkingTo((line) =>
      line === '.' ? '421 4.4.5 too many' : obliging(line),
    );
    await expect(conversation.send(mailTo('a'))).resolves.toMatchObject({
      error: { code: 'EMESSAGE', responseCode: 421, permanent: false },
    });
    await eventually('the conversation is over', () => !conversation.alive());
  });

  it('does not offer what is longer than the server takes', async () => {
    const { conversation, lines } = await talkingTo(obliging, { size: 20 });
    await expect(conversation.send(mailTo('a', 'x'.repeat(21)))).resolves.toMatchObject({
      error: { code: 'EMESSAGE' },
      contentLeft: false,
    });
    await expect(conversation.send(mailTo('a', 'x'.repeat(20)))).resolves.toEqual({ kind: 'sent' });
    expect(lines[0]).toBe('MAIL FROM:<news@x.test> SIZE=20');
  });

  it('says so when an address needs more than ASCII', async () => {
    const { conversation, lines } = await talkingTo(obliging, { utf8: true });
    await conversation.send(mailTo('ü@x.test'));
    const bytes = Buffer.from('ü').toString('latin1');
    expect(lines.slice(0, 2)).toEqual(['MAIL FROM:<news@x.test> SMTPUTF8', `RCPT TO:<${bytes}@x.test>`]);
  });

  it('keeps a line of a single dot from ending the content', async () => {
    const { conversation, lines } = await talkingTo(obliging);
    await conversation.send(mailTo('a', 'Subject: x\r\n\r\n.\r\n..\r\nend\r\n'));
    expect(lines.slice(3)).toEqual(['Subject: x', '', '..', '...', 'end', '.']);
  });
});

const envelope = (to: string): string => `MAIL FROM:<news@x.test>\r\nRCPT TO:<${to}>\r\nDATA\r\n`;

function refusing(line: string): string | undefined {
  return line === 'RCPT TO:<bad>' ? '550-no such user\r\n550 5.1.1 at all' : obliging(line);
}

/** Whose envelope it is. */
function last(lines: readonly string[]): string | undefined {
  return /<(\w+)>/.exec(lines.findLast((line) => line.startsWith('RCPT')) ?? '')?.[1];
}
