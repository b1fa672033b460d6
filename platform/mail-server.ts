import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { parseConnectionUrl } from 'nodemailer/lib/shared';

/** Asks whether the mail server takes connections; nothing is sent and nobody logs in. */
export interface MailServerProbe {
  /** @throws when the server has not greeted and answered a hello within `deadlineMs`. */
  ping(deadlineMs: number): Promise<void>;
}

/** One answer serves everybody who asks within this time: strangers may ask, and providers count connections. */
const SERVES_MS = 2_000;

/** @param url as in SMTP_URL. */
export function createMailServerProbe(url: string, clock: () => number): MailServerProbe {
  const settings = parseConnectionUrl(url);
  let last: { readonly at: number; readonly answer: Promise<void> } | undefined;
  return {
    ping(deadlineMs) {
      if (last === undefined || clock() - last.at > SERVES_MS) {
        last = { at: clock(), answer: greet(settings, deadlineMs) };
      }
      return last.answer;
    },
  };
}

function greet(settings: ReturnType<typeof parseConnectionUrl>, deadlineMs: number): Promise<void> {
  const connection = new SMTPConnection({
    ...settings,
    connectionTimeout: deadlineMs,
    greetingTimeout: deadlineMs,
    socketTimeout: deadlineMs,
  });
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      connection.close();
      reject(new Error('The mail server does not answer.'));
    };
    connection.on('error', fail);
    connection.on('end', fail);
    connection.connect((error) => {
      if (error) {
        fail();
        return;
      }
      connection.quit();
      resolve();
    });
  });
}
