import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { readHeaders } from '../../temporal-dev/inbox/mail';
import type { KeptMail, MailLog, Refusal } from './mail-log';
import { fairWeather, isAmong, takeDrop, type Weather } from './weather';

/** A real SMTP server that keeps what it accepts, and fails as its weather says. */
export interface MailServer {
  readonly log: MailLog;
  readonly weather: Weather;
  /** The address for a life of a worker, by whose name its mails are told apart. */
  urlFor(worker: string): string;
  /** Mails of that life that wait for their answer. */
  onTheWire(worker: string): number;
  /** Whom it has kept a mail for. */
  reached(): number;
  /** Listens no more and breaks all connections, and comes back afterwards. */
  refuseConnections(forMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface MailServerTerms {
  readonly port: number;
  /** How long it takes to keep a mail. */
  readonly mailMs: number;
  /** Whether an address is refused for good, whatever the weather. */
  readonly refused: (address: string) => boolean;
}

export async function startMailServer({ port, mailMs, refused }: MailServerTerms): Promise<MailServer> {
  const mails: (Omit<KeptMail, 'answer'> & { answer: KeptMail['answer'] })[] = [];
  const refusals: Refusal[] = [];
  const reached = new Set<string>();
  const weather = fairWeather();
  const waiting = new Map<string, number>();
  /** By connection, the mail whose answer it was given last: until it says more, nobody knows whether it arrived. */
  const unconfirmed = new Map<string, { answer: KeptMail['answer'] }>();

  const server = new SMTPServer({
    name: 'chaos.sundial.localhost',
    logger: false,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 1_000,
    onConnect: (_session, done) => withWeather(done, refuseAll),
    onMailFrom(_address, session, done) {
      unconfirmed.delete(session.id);
      withWeather(done, refuseAll);
    },
    onRcptTo: ({ address }, _session, done) => withWeather(done, () => refusalOf(address)),
    onData(stream, session, done) {
      void receive(stream, session, done);
    },
    onClose: ({ id }) => void unconfirmed.delete(id),
  });
  server.on('error', () => undefined);

  function withWeather(done: (error?: Error) => void, refusal: () => Error | null): void {
    void (async () => {
      await weather.hang;
      done(refusal() ?? undefined);
    })();
  }

  function refuseAll(): Error | null {
    return weather.answer?.code === 421 ? reply(421, 'The service is not available') : null;
  }

  function refusalOf(address: string): Error | null {
    const { answer } = weather;
    if (refused(address)) return refuse(address, 550);
    if (answer === null || answer.code === 421 || !isAmong(answer.share, address, String(answer.code)))
      return null;
    return refuse(address, answer.code);
  }

  function refuse(address: string, code: Refusal['code']): Error {
    refusals.push({ address, code });
    return code === 550 ? reply(550, 'No such user here') : reply(450, 'The mailbox is busy');
  }

  async function receive(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    done: (error?: Error) => void,
  ): Promise<void> {
    const worker = session.hostNameAppearsAs;
    if (takeDrop(weather, 'before-the-dot')) {
      stream.once('data', () => cut(session.id));
      stream.resume();
      return;
    }
    const raw = await buffer(stream).catch(() => null);
    // The sender went in the middle of it.
    if (raw === null) return;
    const { subject, messageId } = readHeaders(raw);
    const address = session.envelope.rcptTo.map((recipient) => recipient.address).join();
    const mail = { at: Date.now(), worker, address, subject, messageId: messageId ?? '' };
    const kept = { ...mail, answer: 'withheld' as KeptMail['answer'] };
    mails.push(kept);
    reached.add(address);
    if (takeDrop(weather, 'after-the-dot')) return cut(session.id);
    waiting.set(worker, (waiting.get(worker) ?? 0) + 1);
    await sleep(mailMs);
    await weather.hang;
    waiting.set(worker, (waiting.get(worker) ?? 0) - 1);
    if (!isOpen(session.id)) return;
    kept.answer = 'given';
    unconfirmed.set(session.id, kept);
    done();
  }

  function connectionOf(id: string) {
    return [...server.connections].find((connection) => connection.id === id);
  }

  function isOpen(id: string): boolean {
    const socket = connectionOf(id)?._socket;
    return socket !== undefined && !socket.destroyed && socket.readyState === 'open';
  }

  function cut(id: string): void {
    // Destroyed, the answer that was given last may never have been read.
    const last = unconfirmed.get(id);
    if (last !== undefined) last.answer = 'withheld';
    unconfirmed.delete(id);
    connectionOf(id)?._socket.destroy();
  }

  const listen = async (): Promise<void> => {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  };
  await listen();

  return {
    log: { mails, refusals },
    weather,
    urlFor: (worker) => `smtp://127.0.0.1:${port}/?name=${worker}`,
    onTheWire: (worker) => waiting.get(worker) ?? 0,
    reached: () => reached.size,
    async refuseConnections(forMs) {
      server.server.close();
      for (const { id } of server.connections) cut(id);
      await sleep(forMs);
      await listen();
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Refuses with an SMTP reply. */
function reply(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
