import type { MimeMail } from './mime';
import type { SmtpSent, SmtpSession } from './smtp-session';

/** Connections that are kept open from mail to mail. */
export interface SmtpPool {
  /** @throws what opening a connection failed with */
  send(mail: MimeMail): Promise<SmtpSent>;
  /** Opens all connections, in the background. */
  warmUp(): void;
  /** Ends the connections; those under way when their mail has been sent. */
  close(): void;
}

interface Lent {
  readonly session: SmtpSession;
  /** Opened for this mail, so that the server cannot have closed it meanwhile. */
  readonly fresh: boolean;
}

export function createSmtpPool(
  open: () => Promise<SmtpSession>,
  { size, mailsPerSession }: { size: number; mailsPerSession: number },
): SmtpPool {
  const idle: SmtpSession[] = [];
  const waiting: (() => void)[] = [];
  let count = 0;
  let closed = false;

  function leave(): void {
    count -= 1;
    waiting.shift()?.();
  }

  async function enter(): Promise<SmtpSession> {
    count += 1;
    try {
      return await open();
    } catch (error) {
      leave();
      throw error;
    }
  }

  async function borrow(): Promise<Lent> {
    for (;;) {
      for (let session = idle.pop(); session !== undefined; session = idle.pop()) {
        if (session.alive()) return { session, fresh: false };
        count -= 1;
      }
      if (count < size) return { session: await enter(), fresh: true };
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  function giveBack(session: SmtpSession): void {
    if (!closed && session.alive() && session.carried() < mailsPerSession) {
      idle.push(session);
      waiting.shift()?.();
    } else {
      session.quit();
      leave();
    }
  }

  return {
    async send(mail) {
      for (;;) {
        const { session, fresh } = await borrow();
        const sent = await session.send(mail);
        const lost = sent.kind === 'failed' && !sent.contentLeft && !session.alive();
        giveBack(session);
        // The server had closed a connection that lay idle: that says nothing about it or the mail.
        if (!lost || fresh) return sent;
      }
    },
    warmUp() {
      // What fails now fails again, and is told, when there is a mail to send.
      for (let missing = closed ? 0 : size - count; missing > 0; missing -= 1) {
        void enter().then(giveBack, () => undefined);
      }
    },
    close() {
      closed = true;
      for (const session of idle.splice(0)) {
        session.quit();
        leave();
      }
    },
  };
}
