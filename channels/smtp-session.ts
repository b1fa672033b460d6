import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import type { MimeMail } from './mime';
import { converse } from './smtp-conversation';
import type { SmtpConversation, SmtpExtensions, SmtpSent } from './smtp-conversation';

export interface SmtpSettings extends SMTPConnectionOptions {
  readonly auth?: { readonly user: string; readonly pass: string } | undefined;
}

/** One connection to a server. */
export interface SmtpSession extends SmtpConversation {
  /** Mails that it was given. */
  carried(): number;
}

/**
 * Connects, says hello, secures the connection and logs in; from then on the conversation is our own.
 * @throws what the server or the network said to it
 */
export async function openSession({ auth, ...settings }: SmtpSettings): Promise<SmtpSession> {
  const connection = new SMTPConnection(settings);
  try {
    await ask(connection, (done) => connection.connect(done));
    const extensions = extensionsIn(String(connection.lastServerResponse));
    if (auth && connection.allowsAuth) {
      await ask(connection, (done) => connection.login({ credentials: auth }, done));
    }
    return counted(takenOver(connection, extensions));
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Leaves the connection's object without its socket, so that closing it closes nothing and it hears nothing more. */
function takenOver(connection: SMTPConnection, extensions: SmtpExtensions): SmtpConversation {
  const { _socket: socket } = connection;
  if (!socket) throw new Error('The connection closed as soon as it was open.');
  connection._socket = null;
  connection.on('error', () => undefined);
  connection.close();
  return converse(socket, extensions);
}

function counted(conversation: SmtpConversation): SmtpSession {
  let carried = 0;
  return {
    ...conversation,
    carried: () => carried,
    send(mail: MimeMail): Promise<SmtpSent> {
      carried += 1;
      return conversation.send(mail);
    },
  };
}

/** The reply to EHLO has a line for each. */
function extensionsIn(reply: string): SmtpExtensions {
  const size = /^250[ -]SIZE(?: (\d+))?\s*$/im.exec(reply);
  return {
    pipelining: /^250[ -]PIPELINING\b/im.test(reply),
    utf8: /^250[ -]SMTPUTF8\b/im.test(reply),
    size: size && Number(size[1] ?? 0),
  };
}

/** A request that the connection's end answers as well: not every one of its callbacks would ever be called. */
function ask(
  connection: SMTPConnection,
  request: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (error: unknown = new Error('The server closed the connection.')): void => {
      // A 421 ends the connection first and is told to the callback just after: that knows more.
      setImmediate(settle, error);
    };
    function settle(error: unknown): void {
      connection.off('error', ended);
      connection.off('end', ended);
      if (error === undefined || error === null) resolve();
      else reject(error instanceof Error ? error : new Error('The connection failed.', { cause: error }));
    }
    connection.on('error', ended);
    connection.on('end', ended);
    request(settle);
  });
}
