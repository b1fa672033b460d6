import { foldLines } from 'nodemailer/lib/mime-funcs';
import MimeNode from 'nodemailer/lib/mime-node';
import type { OutgoingMessage } from './channel';

/** A mail as it goes over the wire (RFC 5322), with its envelope. */
export interface MimeMail {
  readonly from: string;
  readonly to: string;
  /** Nothing but ASCII: as many bytes as characters. */
  readonly raw: string;
}

const CRLF = '\r\n';

/** With its CR; RFC 5322 section 2.1.1 allows 998 before CRLF. */
const LONGEST_LINE = 997;

/**
 * Writes mails from one sender. By hand, because a page writes thousands of a few parts each and a general composer
 * spends more time on one than sending it takes; addresses that are not plain ASCII go through that composer.
 */
export function createMimeWriter(from: string): (message: OutgoingMessage, date: Date) => MimeMail {
  const sender = addressHeader('From', from);
  const domain = sender.address.slice(sender.address.lastIndexOf('@') + 1) || 'localhost';

  return (message, date) => {
    const recipient = isAscii(message.address)
      ? { line: `To: ${message.address}`, address: message.address }
      : addressHeader('To', message.address);
    const raw = [
      sender.line,
      recipient.line,
      subjectLine(message.subject ?? message.title ?? ''),
      // RFC 5322 section 3.6.4: below the sender's domain.
      `Message-ID: <${message.id}@${domain}>`,
      dateLine(date),
      'MIME-Version: 1.0',
      ...contentLines(message),
    ].join(CRLF);
    return { from: sender.address, to: recipient.address, raw };
  };
}

let lastDate = { seconds: NaN, line: '' };

/** Most mails are written within the same second as the one before. */
function dateLine(date: Date): string {
  const seconds = Math.floor(date.getTime() / 1_000);
  if (seconds !== lastDate.seconds) {
    lastDate = { seconds, line: `Date: ${date.toUTCString().replace('GMT', '+0000')}` };
  }
  return lastDate.line;
}

function addressHeader(name: 'From' | 'To', value: string): { line: string; address: string } {
  const node = new MimeNode('text/plain');
  node.setHeader(name, name === 'To' ? { name: '', address: value } : value);
  const { from, to } = node.getEnvelope();
  const line =
    new RegExp(`^${name}: .*(?:\\r\\n[ \\t].*)*`, 'm').exec(node.buildHeaders())?.[0] ?? `${name}: `;
  return { line, address: (name === 'From' ? from : to[0]) || '' };
}

function contentLines({ id, body, html }: OutgoingMessage): string[] {
  if (html === undefined) return partLines('text/plain', body);
  const text = partLines('text/plain', body);
  const markup = partLines('text/html', html);
  // From the id, so that a retry is the same mail to the byte.
  let boundary = `=_${id}`;
  while ([...text, ...markup].some((line) => line.includes(boundary))) boundary += '_';
  return [
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    ...text,
    `--${boundary}`,
    ...markup,
    `--${boundary}--`,
    '',
  ];
}

/** As it is where every server must carry it so (RFC 5322 section 2.1.1), otherwise as base64. */
function partLines(type: string, text: string): string[] {
  const content = (text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text).replaceAll('\n', CRLF);
  const plain = isAscii(content) && hasOnlyShortLines(content);
  const encoded = plain ? content : wrapped(Buffer.from(content).toString('base64'));
  return [
    `Content-Type: ${type}; charset=utf-8`,
    `Content-Transfer-Encoding: ${plain ? '7bit' : 'base64'}`,
    '',
    encoded,
  ];
}

function hasOnlyShortLines(content: string): boolean {
  for (let start = 0; start < content.length;) {
    const end = content.indexOf('\n', start);
    if ((end < 0 ? content.length : end) - start > LONGEST_LINE) return false;
    if (end < 0) return true;
    start = end + 1;
  }
  return true;
}

/** In lines of 76 characters (RFC 2045 section 6.8). */
function wrapped(base64: string): string {
  let lines = base64.slice(0, 76);
  for (let at = 76; at < base64.length; at += 76) lines += CRLF + base64.slice(at, at + 76);
  return lines;
}

/** What a reader would take for an encoded word is encoded too (RFC 2047). */
function subjectLine(subject: string): string {
  const text = subject.replaceAll(/[\r\n]+/g, ' ');
  if (isAscii(text) && !text.includes('=?')) return foldLines(`Subject: ${text}`, 76);
  return `Subject: ${encodedWords(text).join(`${CRLF} `)}`;
}

/** A word has at most 75 characters, and no character is divided between two. */
function encodedWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > 42) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((part) => `=?utf-8?B?${Buffer.from(part).toString('base64')}?=`);
}

/** Printable, with tabs and ends of lines. */
function isAscii(text: string): boolean {
  return /^[\t\r\n -~]*$/.test(text);
}
