import type { MimeMail } from './mime';
import type { SmtpSent } from './smtp-conversation';
import type { SmtpSession } from './smtp-session';

/** Connections that are kept open from mail to mail. */
export interface SmtpPool {
  /** @throws what opening a connection failed with */
  send(mail: MimeMail): Promise<SmtpSent>;
  /** Opens all connections, in the background. */
  warmUp(): void;
  /** Ends the connections; those under way when their mail has been sent. */
  close(): void;
}

/** An open connection and how many mails it has on its way. */
interface Member {
  readonly session: SmtpSession;
  underWay: number;
}

interface Lent {
  readonly member: Member;
  /** Opened for this mail, so that the server cannot have closed it meanwhile. */
  readonly fresh: boolean;
}

export function createSmtpPool(
  open: () => Promise<SmtpSession>,
  { size, mailsPerSession }: { size: number; mailsPerSession: number },
): SmtpPool {
  let members: Member[] = [];
  const waiting: (() => void)[] = [];
  let opening = 0;
  let closed = false;

  /** @param underWay how many mails it was opened for. */
  async function enter(underWay: number): Promise<Member> {
    opening += 1;
    try {
      const member = { session: await open(), underWay };
      members.push(member);
      return member;
    } finally {
      opening -= 1;
      waiting.shift()?.();
    }
  }

  /** A connection with nothing on its way, a new one, or one that takes another mail before it has answered. */
  function choose(): Member | 'new' | undefined {
    if (members.some(({ session }) => !session.alive())) {
      members = members.filter(({ session }) => session.alive());
    }
    const free = members.find(({ underWay }) => underWay === 0);
    if (free !== undefined) return free;
    if (members.length + opening < size) return 'new';
    return members.find(({ session, underWay }) => underWay < session.depth);
  }

  async function borrow(): Promise<Lent> {
    for (;;) {
      const chosen = choose();
      if (chosen === undefined) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        continue;
      }
      if (chosen === 'new') return { member: await enter(1), fresh: true };
      chosen.underWay += 1;
      return { member: chosen, fresh: false };
    }
  }

  function giveBack(member: Member): void {
    member.underWay -= 1;
    const { session, underWay } = member;
    if (closed || session.carried() >= mailsPerSession) {
      members = members.filter((one) => one !== member);
      if (underWay === 0) session.quit();
    }
    waiting.shift()?.();
  }

  return {
    async send(mail) {
      for (;;) {
        const { member, fresh } = await borrow();
        const sent = await member.session.send(mail);
        const lost = sent.kind === 'failed' && !sent.contentLeft && !member.session.alive();
        giveBack(member);
        // The server had closed a connection that lay idle: that says nothing about it or the mail.
        if (!lost || fresh) return sent;
      }
    },
    warmUp() {
      // What fails now fails again, and is told, when there is a mail to send.
      for (let missing = closed ? 0 : size - members.length - opening; missing > 0; missing -= 1) {
        enter(0).catch(() => undefined);
      }
    },
    close() {
      closed = true;
      for (const { session, underWay } of members.splice(0)) {
        if (underWay === 0) session.quit();
      }
    },
  };
}
