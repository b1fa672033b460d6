import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createTransport, type Transporter } from 'nodemailer';
import type { SMTPServer } from 'smtp-server';
import { createInboxServer } from './http';
import { type MailLog, openMailLog } from './mail-log';
import { createSmtpReceiver } from './smtp';

describe('the inbox', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundial-inbox-'));
  let log: MailLog;
  let smtp: SMTPServer;
  let http: Server;
  let mailer: Transporter;
  let url: string;

  beforeAll(async () => {
    log = await openMailLog(folder);
    smtp = createSmtpReceiver((raw, envelope) => log.append(raw, envelope, Date.now()));
    http = createInboxServer(log);
    const smtpPort = await listening(smtp.listen(0, '127.0.0.1'));
    url = `http://127.0.0.1:${await listening(http.listen(0, '127.0.0.1'))}`;
    mailer = createTransport({ pool: true, maxConnections: 10, host: '127.0.0.1', port: smtpPort });
  });

  afterAll(async () => {
    mailer.close();
    http.close();
    await new Promise<void>((resolve) => {
      smtp.close(resolve);
    });
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => log.empty());

  async function get(route: string): Promise<unknown> {
    return (await fetch(`${url}${route}`)).json();
  }

  function send(to: string, subject: string): Promise<unknown> {
    return mailer.sendMail({
      from: 'a@example.com',
      to,
      subject,
      text: 'plain words',
      html: '<p>rich words</p>',
    });
  }

  it('lists mails newest first, page by page', async () => {
    await send('one@example.com', 'first');
    await send('two@example.com', 'second');
    await send('three@example.com', 'third');
    const page = await get('/api/messages?limit=2');
    expect(page).toMatchObject({ items: [{ subject: 'third' }, { subject: 'second' }], total: 3 });
    const cursor = String(Reflect.get(Object(page), 'nextCursor'));
    expect(await get(`/api/messages?limit=2&cursor=${cursor}`)).toMatchObject({
      items: [{ subject: 'first', to: ['one@example.com'] }],
      nextCursor: null,
    });
  });

  it('reads subjects in any script, folded or not', async () => {
    const subject = `Grüße aus नेपाल ${'long '.repeat(30).trim()}`;
    await send('one@example.com', subject);
    expect(await get('/api/messages')).toMatchObject({ items: [{ subject }] });
  });

  it('finds by recipient and by words', async () => {
    await send('one@example.com', 'The digest');
    await send('two@example.com', 'Something else');
    expect(await get('/api/messages?to=ONE@example.com')).toMatchObject({
      items: [{ subject: 'The digest' }],
    });
    expect(await get('/api/messages?q=digest')).toMatchObject({ items: [{ to: ['one@example.com'] }] });
    expect(await get('/api/count?q=nothing')).toMatchObject({ total: 0 });
  });

  it('counts copies once by their Message-ID', async () => {
    const mail = { from: 'a@example.com', to: 'b@example.com', messageId: '<same@example.com>', text: 'x' };
    await mailer.sendMail(mail);
    await mailer.sendMail(mail);
    expect(await get('/api/count')).toMatchObject({ total: 2, distinctMessageIds: 1 });
  });

  it('counts what came after a given mail', async () => {
    await send('one@example.com', 'before');
    const lastId = String(Reflect.get(Object(await get('/api/count')), 'lastId'));
    await send('one@example.com', 'after');
    expect(await get(`/api/count?after=${lastId}`)).toMatchObject({ total: 1 });
  });

  it('shows both parts and the source of a mail', async () => {
    await send('one@example.com', 'whole');
    const id = String(log.mails[0]?.id);
    expect(await get(`/api/messages/${id}`)).toMatchObject({
      text: 'plain words\n',
      html: '<p>rich words</p>\n',
    });
    const raw = await (await fetch(`${url}/api/messages/${id}/raw`)).text();
    expect(raw).toMatch(/^From: a@example\.com\r\n/);
  });

  it('keeps everything that a thousand mails at once bring', async () => {
    await Promise.all(Array.from({ length: 1_000 }, (_, at) => send(`p${at}@example.com`, `mail ${at}`)));
    expect(await get('/api/count')).toMatchObject({ total: 1_000, distinctMessageIds: 1_000 });
    const mail = log.mails.find(({ subject }) => subject === 'mail 637');
    expect(mail && (await log.read(mail)).toString()).toContain('To: p637@example.com');
  });

  it('has its mails again after a restart, without a line that a crash cut off', async () => {
    await send('one@example.com', 'kept');
    appendFileSync(path.join(folder, 'index.jsonl'), '{"id":99,"off');
    const reopened = await openMailLog(folder);
    expect(reopened.mails.map(({ subject }) => subject)).toEqual(['kept']);
    await reopened.close();
  });

  it('never uses an id again, not even emptied and restarted', async () => {
    await send('one@example.com', 'gone');
    const used = log.mails[0]?.id ?? 0;
    expect((await fetch(`${url}/api/messages`, { method: 'DELETE' })).status).toBe(204);
    expect(await get('/api/messages')).toEqual({ items: [], nextCursor: null, total: 0 });
    const reopened = await openMailLog(folder);
    await reopened.append(Buffer.from('Subject: new\r\n\r\n'), { from: '', to: [] }, 0);
    expect(reopened.mails[0]?.id).toBeGreaterThan(used);
    await reopened.close();
  });

  it('answers 404 for what is not there, and a page for people', async () => {
    expect((await fetch(`${url}/api/messages/123456`)).status).toBe(404);
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    expect(await (await fetch(url)).text()).toContain('<title>Inbox</title>');
  });
});

function listening(server: Server | ReturnType<SMTPServer['listen']>): Promise<number> {
  return new Promise((resolve) => {
    server.once('listening', () => resolve((server.address() as AddressInfo).port));
  });
}
