import { mkdir } from 'node:fs/promises';
import { createInboxServer } from './http';
import { openMailLog } from './mail-log';
import { createSmtpReceiver } from './smtp';

/** A process of its own: a flood of mails does not slow what sends them. */
async function main(): Promise<void> {
  const folder = required('SUNDIAL_INBOX_FOLDER');
  await mkdir(folder, { recursive: true });
  const log = await openMailLog(folder);
  const smtp = createSmtpReceiver((raw, envelope) => log.append(raw, envelope, Date.now()));
  const http = createInboxServer(log);
  // Fatal only while it cannot listen: afterwards an error is that of one client, who is gone (a killed worker).
  smtp.server.once('error', fail);
  smtp.on('error', () => undefined);
  http.on('error', fail);
  smtp.listen(Number(required('SUNDIAL_INBOX_SMTP_PORT')), '127.0.0.1');
  http.listen(Number(required('SUNDIAL_INBOX_HTTP_PORT')), '127.0.0.1');

  const stop = (): void => {
    http.close();
    http.closeAllConnections();
    smtp.close(() => {
      log.close().then(() => process.exit(0), fail);
    });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

function fail(error: unknown): void {
  process.stderr.write(`The inbox stops: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
