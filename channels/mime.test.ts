import fc from 'fast-check';
import MailComposer from 'nodemailer/lib/mail-composer';
import PostalMime from 'postal-mime';
import { createMimeWriter } from './mime';

const write = createMimeWriter('Sundial <news@sundial.test>');
const DATE = new Date('2026-12-01T09:00:05Z');
const message = { id: 'm1', address: 'ada@example.test', subject: 'Hi', body: 'Hello' };

const read = (raw: string) => PostalMime.parse(raw);
/** Neither an empty part nor the last end of a line is a difference to a reader. */
const lines = (text: string | undefined) => (text ?? '').replaceAll(/\r\n?/g, '\n').replace(/\n$/, '');

describe('a mail', () => {
  it('has the headers that RFC 5322 asks for, and its envelope', () => {
    const mail = write(message, DATE);
    expect(mail).toMatchObject({ from: 'news@sundial.test', to: 'ada@example.test' });
    expect(mail.raw.split('\r\n')).toEqual([
      'From: Sundial <news@sundial.test>',
      'To: ada@example.test',
      'Subject: Hi',
      'Message-ID: <m1@sundial.test>',
      'Date: Tue, 01 Dec 2026 09:00:05 +0000',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 7bit',
      '',
      'Hello',
    ]);
  });

  it('reads as it was written, whatever it says', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 300 }).map((made) => made.replaceAll('\u0000', ''));
    const subject = fc
      .string({ unit: fc.constantFrom('a', ' b', 'ü', '好', '😀', '=?', '?=', '_'), maxLength: 60 })
      .map((made) => made.trim());
    await fc.assert(
      fc.asyncProperty(subject, text, fc.option(text, { nil: undefined }), async (said, body, html) => {
        const { raw } = write({ ...message, subject: said, body, ...(html !== undefined && { html }) }, DATE);
        const mail = await read(raw);
        expect(mail.subject ?? '').toBe(said);
        expect(lines(mail.text)).toBe(lines(body));
        expect(lines(mail.html)).toBe(lines(html));
      }),
    );
  });

  it('has no line that a server may cut, and nothing but ASCII', () => {
    const { raw } = write(
      { ...message, subject: 'ü'.repeat(300), body: 'x'.repeat(5_000), html: '好'.repeat(5_000) },
      DATE,
    );
    const text = raw;
    expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    expect(text).toMatch(/^[\r\n -~]*$/);
    expect(write({ ...message, subject: 'word '.repeat(60).trim() }, DATE).raw).not.toMatch(/.{78}/);
  });

  it('is the same to the byte when it is written again, and ends no part by what it says', async () => {
    const said = { ...message, body: 'before\n--=_m1--\nafter', html: '<p>--=_m1_</p>' };
    const { raw } = write(said, DATE);
    expect(write(said, DATE).raw).toBe(raw);
    const mail = await read(raw);
    expect(lines(mail.text)).toBe(said.body);
    expect(lines(mail.html)).toBe(said.html);
  });

  it('keeps a header from beginning another', async () => {
    const { raw } = write({ ...message, subject: 'x\r\nBcc: eve@example.test\r\n\r\nbody' }, DATE);
    const mail = await read(raw);
    expect(mail.subject).toBe('x Bcc: eve@example.test body');
    expect(mail.bcc).toBeUndefined();
  });

  it('writes the names of senders and domains of other alphabets as servers want them', async () => {
    const mail = createMimeWriter('Grüße, Tom <news@sundial.test>')(
      { ...message, address: 'ada@grüße.example' },
      DATE,
    );
    expect(mail.to).toBe('ada@xn--gre-6ka8l.example');
    const { from } = await read(mail.raw);
    expect(from).toMatchObject({ address: 'news@sundial.test' });
    expect(mail.raw).toMatch(/^[\r\n -~]*$/);
  });

  it('says a subject that looks encoded as it is, where nodemailer lets readers decode it', async () => {
    const subject = '=?utf-8?B?eA==?= and =?= more';
    expect((await read(write({ ...message, subject }, DATE).raw)).subject).toBe(subject);
  });

  it.each<[string, Partial<typeof message> & { html?: string }]>([
    ['plain', {}],
    ['of no words', { subject: '', body: '' }],
    ['with every kind of line end', { body: 'a\nb\r\nc\rd\n\n' }],
    ['that begins lines with dots and boundaries', { body: '.\n..\n--x\nFrom me\n', html: '<p>\n.\n--</p>' }],
    ['with a line of 997 and one of 998', { body: `${'x'.repeat(997)}\n${'y'.repeat(998)}\n` }],
    ['with blanks at the ends of lines', { body: 'a \nb\t\n  c', html: ' <p> </p> ' }],
    ['of other alphabets', { subject: 'Grüße 你好 😀', body: '“quoted” – 你好\n😀', html: '<b>Tromsø</b>' }],
    ['with a subject of many folds', { subject: 'a rather long word after another '.repeat(12).trim() }],
    ['with a long subject of one letter', { subject: 'ü'.repeat(200) }],
    ['with a subject without a blank', { subject: 'x'.repeat(300) }],
  ])('reads as one that nodemailer wrote, %s', async (_, more) => {
    const { id, address, subject, body, html } = { html: undefined, ...message, ...more };
    const composed = await new MailComposer({
      from: 'Sundial <news@sundial.test>',
      to: address,
      subject,
      text: body,
      messageId: `<${id}@sundial.test>`,
      date: DATE,
      ...(html !== undefined && { html }),
    })
      .compile()
      .build();
    const theirs = await PostalMime.parse(composed);
    const ours = await read(write({ ...message, ...more }, DATE).raw);
    const told = ({ from, to, messageId, date, text, html: markup, ...mail }: typeof ours) => ({
      from,
      to,
      messageId,
      date,
      subject: mail.subject ?? '',
      text: lines(text),
      html: lines(markup),
    });
    expect(told(ours)).toEqual(told(theirs));
  });
});
