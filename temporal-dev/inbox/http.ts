import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import PostalMime from 'postal-mime';
import { type Mail, type MailFilter, matches } from './mail';
import type { MailLog } from './mail-log';
import { INBOX_PAGE } from './page';

const MOST_PER_PAGE = 500;

type Answer = { readonly status: number; readonly type: string; readonly body: string | Buffer };

/** The inbox's page and its small JSON API. */
export function createInboxServer(log: MailLog): Server {
  return createServer((request, response) => {
    answer(log, request).then(
      (found) => send(response, found),
      (error: unknown) => send(response, json(500, { error: String(error) })),
    );
  });
}

async function answer(log: MailLog, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://inbox');
  const [, one, part] = /^\/api\/messages\/(\d+)(\/raw)?$/.exec(url.pathname) ?? [];
  switch (`${request.method} ${one === undefined ? url.pathname : '/api/messages/:id'}`) {
    case 'GET /':
      return { status: 200, type: 'text/html; charset=utf-8', body: INBOX_PAGE };
    case 'GET /api/messages':
      return json(200, list(log.mails, url.searchParams));
    case 'GET /api/count':
      return json(200, count(log.mails, url.searchParams));
    case 'DELETE /api/messages':
      await log.empty();
      return { status: 204, type: 'text/plain', body: '' };
    case 'GET /api/messages/:id':
      return readOne(log, Number(one), part !== undefined);
    default:
      return json(404, { error: 'Nothing is here' });
  }
}

/** Newest first; the cursor is the id of the last one of the page before. */
function list(mails: readonly Mail[], query: URLSearchParams): object {
  const limit = Math.min(Math.max(Number(query.get('limit')) || 50, 1), MOST_PER_PAGE);
  const before = Number(query.get('cursor')) || Number.POSITIVE_INFINITY;
  const filter = filterOf(query);
  const items: object[] = [];
  for (let at = mails.length - 1; at >= 0; at--) {
    const mail = mails[at];
    if (mail === undefined || mail.id >= before || !matches(mail, filter)) continue;
    if (items.length === limit) {
      return { items, nextCursor: String(Reflect.get(items.at(-1) ?? {}, 'id')), total: mails.length };
    }
    items.push(summary(mail));
  }
  return { items, nextCursor: null, total: mails.length };
}

/** `after` counts only what came later than that id. */
function count(mails: readonly Mail[], query: URLSearchParams): object {
  const filter = filterOf(query);
  const after = Number(query.get('after')) || 0;
  const counted = mails.filter((mail) => mail.id > after && matches(mail, filter));
  const ids = new Set(counted.map((mail) => mail.messageId ?? mail.id));
  return { total: counted.length, distinctMessageIds: ids.size, lastId: String(mails.at(-1)?.id ?? 0) };
}

function filterOf(query: URLSearchParams): MailFilter {
  const to = query.get('to');
  const q = query.get('q');
  return { ...(to ? { to } : {}), ...(q ? { q } : {}) };
}

async function readOne(log: MailLog, id: number, raw: boolean): Promise<Answer> {
  const mail = log.mails.find((known) => known.id === id);
  if (mail === undefined) return json(404, { error: 'No such mail' });
  const source = await log.read(mail);
  if (raw) return { status: 200, type: 'text/plain; charset=utf-8', body: source };
  const parsed = await PostalMime.parse(source);
  return json(200, {
    ...summary(mail),
    headers: parsed.headers.map(({ key, value }) => ({ name: key, value })),
    text: parsed.text ?? null,
    html: parsed.html ?? null,
    attachments: parsed.attachments.map(({ filename, mimeType }) => ({ filename, mimeType })),
    raw: source.toString('utf8'),
  });
}

function summary({ id, receivedAt, from, to, subject, messageId, size }: Mail): object {
  return {
    id: String(id),
    receivedAt: new Date(receivedAt).toISOString(),
    from,
    to,
    subject,
    messageId,
    size,
  };
}

function json(status: number, value: object): Answer {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // Mails are shown in a frame without scripts; the page's own script is the only one.
    'content-security-policy':
      "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src * data:",
  });
  response.end(body);
}
