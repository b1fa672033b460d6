import { type FileHandle, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Envelope, type Mail, readHeaders } from './mail';

/** Every mail received, newest last, in two files that only grow: the raw sources and an index line each. */
export interface MailLog {
  readonly mails: readonly Mail[];
  /** Resolves when both files have it. */
  append(raw: Buffer, envelope: Envelope, receivedAt: number): Promise<void>;
  read(mail: Mail): Promise<Buffer>;
  empty(): Promise<void>;
  close(): Promise<void>;
}

interface Arrival {
  readonly raw: Buffer;
  readonly mail: Omit<Mail, 'id' | 'offset' | 'size'>;
}

export async function openMailLog(folder: string): Promise<MailLog> {
  const sources = await open(path.join(folder, 'mails.log'), 'a+');
  const index = await open(path.join(folder, 'index.jsonl'), 'a+');
  let end = (await sources.stat()).size;
  const { mails, firstId } = await readIndex(path.join(folder, 'index.jsonl'), end);
  let nextId = firstId;
  let arrivals: Arrival[] = [];
  let turn: Promise<void> = Promise.resolve();
  let gathered: Promise<void> | undefined;

  /** Everything that touches the files waits its turn here. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** One write for all that arrived while the last one was under way. */
  async function writeArrivals(): Promise<void> {
    gathered = undefined;
    const batch = arrivals;
    arrivals = [];
    const written: Mail[] = [];
    for (const { raw, mail } of batch) {
      written.push({ id: nextId++, ...mail, offset: end, size: raw.length });
      end += raw.length;
    }
    await writeWhole(sources, Buffer.concat(batch.map(({ raw }) => raw)));
    await writeWhole(index, Buffer.from(written.map((mail) => `${JSON.stringify(mail)}\n`).join('')));
    mails.push(...written);
  }

  return {
    mails,
    append(raw, envelope, receivedAt) {
      arrivals.push({ raw, mail: { receivedAt, ...envelope, ...readHeaders(raw) } });
      return (gathered ??= inTurn(writeArrivals));
    },
    async read(mail) {
      const raw = Buffer.alloc(mail.size);
      await sources.read(raw, 0, mail.size, mail.offset);
      return raw;
    },
    empty: () =>
      inTurn(async () => {
        await Promise.all([sources.truncate(0), index.truncate(0)]);
        // Kept for the next process: an id is never used again.
        await writeWhole(index, Buffer.from(`${JSON.stringify({ nextId })}\n`));
        end = 0;
        mails.length = 0;
      }),
    close: () =>
      inTurn(async () => {
        await Promise.all([sources.close(), index.close()]);
      }),
  };
}

async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}

/** A crash may leave half a line, or a line short of its source: what is not whole is left out. */
async function readIndex(file: string, end: number): Promise<{ mails: Mail[]; firstId: number }> {
  const lines = (await readFile(file, 'utf8')).split('\n').map(parseLine);
  const mails = lines.filter(isMail).filter((mail) => mail.offset + mail.size <= end);
  const [first] = lines;
  const given: unknown = typeof first === 'object' && first !== null ? Reflect.get(first, 'nextId') : 1;
  return { mails, firstId: Math.max((mails.at(-1)?.id ?? 0) + 1, typeof given === 'number' ? given : 1) };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function isMail(value: unknown): value is Mail {
  if (typeof value !== 'object' || value === null) return false;
  const numbers = ['id', 'receivedAt', 'offset', 'size'];
  return (
    numbers.every((key) => typeof Reflect.get(value, key) === 'number') &&
    typeof Reflect.get(value, 'from') === 'string' &&
    typeof Reflect.get(value, 'subject') === 'string' &&
    Array.isArray(Reflect.get(value, 'to'))
  );
}
