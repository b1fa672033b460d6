import type { Socket } from 'node:net';
import type { MimeMail } from './mime';

/** What a server said that it can do (RFC 5321 section 4.1.1.1). */
export interface SmtpExtensions {
  /** Takes commands before it has answered those before (RFC 2920). */
  readonly pipelining: boolean;
  /** Takes addresses of other alphabets (RFC 6531). */
  readonly utf8: boolean;
  /** The longest mail that it takes, in bytes (RFC 1870); null when it does not say, and is not told lengths either. */
  readonly size: number | null;
}

export type SmtpSent =
  | { readonly kind: 'sent' }
  /** Whether the content had left decides between a safe retry and a possible second copy, and errors do not tell. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly contentLeft: boolean };

/** Hands mails over on one connection, after its greeting. */
export interface SmtpConversation {
  /** False once either side has closed the connection. */
  alive(): boolean;
  /** How many mails it takes at once: the envelope of one may go with the content of the one before. */
  readonly depth: number;
  send(mail: MimeMail): Promise<SmtpSent>;
  quit(): void;
}

/** A failed command, in the terms of nodemailer, whose errors come from opening a connection. */
class SmtpFailure extends Error {
  override readonly name = 'SmtpFailure';
  readonly responseCode: number | undefined;
  readonly permanent: boolean;
  constructor(
    readonly code: 'EENVELOPE' | 'EMESSAGE' | 'EPROTOCOL' | 'ETIMEDOUT' | 'ECONNECTION',
    readonly command: string,
    readonly response?: string,
  ) {
    super(response === undefined ? `${command} was not answered.` : `${command} was refused.`);
    this.responseCode = response === undefined ? undefined : Number(response.slice(0, 3));
    // 503 speaks of the order of commands, not of the mail.
    this.permanent = response?.startsWith('5') === true && this.responseCode !== 503;
  }
}

interface Carried {
  readonly mail: MimeMail;
  readonly settle: (sent: SmtpSent) => void;
  failure: SmtpFailure | null;
  contentLeft: boolean;
}

type OnReply = (reply: string) => void;

const LONGEST_REPLY = 64 * 1024;

/**
 * Speaks SMTP by hand: nodemailer's connection, which opened it, takes several times as long for a mail that is ready
 * (docs/decisions/0024-speed.md). With PIPELINING the whole envelope is one write, and the next one goes with the
 * content before it, so that a mail costs one write and one read.
 */
export function converse(socket: Socket, { pipelining, utf8, size }: SmtpExtensions): SmtpConversation {
  const expected: OnReply[] = [];
  const underWay: Carried[] = [];
  const waiting: Carried[] = [];
  let alive = true;
  /** Whether an envelope may be begun: nobody is amid one, nor is a failed one being taken back. */
  let open = true;
  let heard = '';
  let unsaid = '';

  /**
   * Written when everybody has had their turn who was waiting for the replies that were just heard: what goes out with
   * the next mail's envelope is one write instead of two.
   */
  function say(text: string): void {
    if (unsaid === '') setImmediate(saySoon);
    unsaid += text;
  }

  function saySoon(): void {
    const text = unsaid;
    unsaid = '';
    if (!socket.destroyed) socket.write(text, 'latin1');
  }

  function over(error: SmtpFailure): void {
    alive = false;
    expected.length = 0;
    for (const { settle, failure, contentLeft } of [...underWay.splice(0), ...waiting.splice(0)]) {
      settle({ kind: 'failed', error: failure ?? error, contentLeft });
    }
  }

  function hangUp(error: SmtpFailure): void {
    over(error);
    socket.destroy();
  }

  function settleFirst(sent: SmtpSent): void {
    underWay.shift()?.settle(sent);
  }

  function beginNext(): void {
    const next = waiting.shift();
    if (next === undefined) return;
    open = false;
    underWay.push(next);
    const { from, to, raw } = next.mail;
    const international = utf8 && !(isAscii(from) && isAscii(to)) ? ' SMTPUTF8' : '';
    const length = size === null ? '' : ` SIZE=${raw.length}`;
    const mail = `MAIL FROM:<${asBytes(from)}>${international}${length}\r\n`;
    const rcpt = `RCPT TO:<${asBytes(to)}>\r\n`;
    const data = 'DATA\r\n';
    if (pipelining) {
      expected.push(
        (reply) => judge(next, 'MAIL FROM', reply),
        (reply) => judge(next, 'RCPT TO', reply),
        (reply) => answerToData(next, reply),
      );
      say(mail + rcpt + data);
      return;
    }
    ask(mail, (toMail) => {
      judge(next, 'MAIL FROM', toMail);
      if (next.failure) return takeBack(next);
      ask(rcpt, (toRcpt) => {
        judge(next, 'RCPT TO', toRcpt);
        if (next.failure) return takeBack(next);
        ask(data, (toData) => answerToData(next, toData));
      });
    });
  }

  function ask(command: string, onReply: OnReply): void {
    expected.push(onReply);
    say(command);
  }

  function judge(carried: Carried, command: string, reply: string): void {
    if (!reply.startsWith('2')) carried.failure ??= new SmtpFailure('EENVELOPE', command, reply);
  }

  function answerToData(carried: Carried, reply: string): void {
    const goAhead = reply.startsWith('3') || reply.startsWith('2');
    if (carried.failure !== null && goAhead) {
      // It should have refused this too. What it listens to now is ended before it has begun.
      if (carried.failure.command === 'MAIL FROM') hangUp(carried.failure);
      else endEmpty(carried);
    } else if (!goAhead) {
      carried.failure ??= new SmtpFailure('EENVELOPE', 'DATA', reply);
      takeBack(carried);
    } else {
      sendContent(carried);
    }
  }

  function sendContent(carried: Carried): void {
    carried.contentLeft = true;
    expected.push((reply) => {
      if (reply.startsWith('2')) settleFirst({ kind: 'sent' });
      else settleFirst(failed(carried, new SmtpFailure('EMESSAGE', 'DATA', reply)));
      if (!pipelining) goOn();
    });
    const { raw } = carried.mail;
    say(withSafeDots(raw) + (raw.endsWith('\r\n') ? '.\r\n' : '\r\n.\r\n'));
    if (pipelining) goOn();
  }

  /** A mail without anybody to go to (RFC 2920 section 3.1). */
  function endEmpty(carried: Carried): void {
    expected.push(() => {
      settleFirst(failed(carried, carried.failure ?? new SmtpFailure('EENVELOPE', 'RCPT TO')));
      goOn();
    });
    say('.\r\n');
  }

  /** A refusal concerns one mail; the next one begins afresh. */
  function takeBack(carried: Carried): void {
    expected.push((reply) => {
      if (reply.startsWith('2')) goOn();
      else hangUp(new SmtpFailure('EPROTOCOL', 'RSET', reply));
    });
    say('RSET\r\n');
    underWay.splice(underWay.indexOf(carried), 1);
    carried.settle({ kind: 'failed', error: carried.failure, contentLeft: false });
  }

  function goOn(): void {
    open = true;
    beginNext();
  }

  function hear(reply: string): void {
    const onReply = expected.shift();
    // RFC 5321 section 3.8: with 421 the server closes the connection, whatever it answers and even unasked.
    const closing = reply.startsWith('421');
    onReply?.(reply);
    if (onReply === undefined || closing) hangUp(new SmtpFailure('ECONNECTION', 'CONN'));
  }

  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
    if (heard.length > LONGEST_REPLY) return hangUp(new SmtpFailure('EPROTOCOL', 'CONN'));
    for (;;) {
      const reply = alive ? firstReply(heard) : null;
      if (reply === null) return;
      heard = heard.slice(reply.length);
      hear(reply.trimEnd());
    }
  });
  socket.on('error', () => over(new SmtpFailure('ECONNECTION', 'CONN')));
  socket.on('close', () => over(new SmtpFailure('ECONNECTION', 'CONN')));
  socket.on('end', () => {
    over(new SmtpFailure('ECONNECTION', 'CONN'));
    socket.end();
  });
  socket.on('timeout', () => hangUp(new SmtpFailure('ETIMEDOUT', 'CONN')));

  return {
    alive: () => alive,
    depth: pipelining ? 2 : 1,
    send: (mail) =>
      new Promise((settle) => {
        const carried: Carried = { mail, settle, failure: null, contentLeft: false };
        if (!alive) settle(failed(carried, new SmtpFailure('ECONNECTION', 'CONN')));
        else if (size !== null && size > 0 && mail.raw.length > size)
          settle(failed(carried, new SmtpFailure('EMESSAGE', 'MAIL FROM')));
        else {
          waiting.push(carried);
          if (open) beginNext();
        }
      }),
    quit() {
      if (alive) socket.end('QUIT\r\n', 'latin1');
      alive = false;
    },
  };
}

function failed({ contentLeft }: Carried, error: SmtpFailure): SmtpSent {
  return { kind: 'failed', error, contentLeft };
}

/** One whole reply of any number of lines: all but the last have a hyphen after the code. */
const REPLY = /^(?:\d{3}-[^\n]*\n)*\d{3}(?:[ \r][^\n]*)?\n/;

function firstReply(heard: string): string | null {
  const end = heard.indexOf('\n');
  if (end < 0) return null;
  // Nearly all replies have one line.
  if (heard.charCodeAt(3) !== HYPHEN) return heard.slice(0, end + 1);
  return REPLY.exec(heard)?.[0] ?? null;
}

const HYPHEN = 45;

/** A line that begins with a dot gets another one (RFC 5321 section 4.5.2); hardly any does. */
function withSafeDots(raw: string): string {
  return raw.includes('\n.') ? raw.replaceAll('\n.', '\n..') : raw;
}

/** UTF-8, a character a byte. */
function asBytes(text: string): string {
  return isAscii(text) ? text : Buffer.from(text).toString('latin1');
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
