import { createSmtpPool } from './smtp-pool';
import type { SmtpSent } from './smtp-conversation';
import type { SmtpSession } from './smtp-session';

const mail = { from: 'a@x.test', to: 'b@x.test', raw: 'x' };

/** Sessions that answer as told, under a pool of two. */
function pooled(answer: (session: number) => Promise<SmtpSent> | SmtpSent = () => ({ kind: 'sent' })) {
  const opened: (SmtpSession & { close(): void; quitted: boolean })[] = [];
  const state = { refuse: false };
  const pool = createSmtpPool(
    () => {
      if (state.refuse) return Promise.reject(new Error('refused'));
      let alive = true;
      let carried = 0;
      const number = opened.length;
      const session = {
        quitted: false,
        depth: 1,
        alive: () => alive,
        carried: () => carried,
        close: () => {
          alive = false;
        },
        quit: () => {
          session.quitted = true;
        },
        send: async () => {
          carried += 1;
          return alive
            ? answer(number)
            : { kind: 'failed' as const, error: new Error('gone'), contentLeft: false };
        },
      };
      opened.push(session);
      return Promise.resolve(session);
    },
    { size: 2, mailsPerSession: 3 },
  );
  return { pool, opened, state };
}

describe('a pool of SMTP connections', () => {
  it('opens no more than its size, and lets others wait', async () => {
    const { pool, opened } = pooled();
    await Promise.all(Array.from({ length: 6 }, () => pool.send(mail)));
    expect(opened).toHaveLength(2);
  });

  it('replaces a connection that has carried its share', async () => {
    const { pool, opened } = pooled();
    for (let n = 0; n < 4; n += 1) await pool.send(mail);
    expect(opened.map(({ quitted }) => quitted)).toEqual([true, false]);
  });

  it('sends again over a new connection what one that had lain idle could not take', async () => {
    const { pool, opened } = pooled((number) => {
      if (number > 0) return { kind: 'sent' };
      opened[0]?.close();
      return { kind: 'failed', error: new Error('closed'), contentLeft: false };
    });
    pool.warmUp();
    await new Promise(setImmediate);
    expect(opened).toHaveLength(2);
    opened[1]?.close();
    await expect(pool.send(mail)).resolves.toEqual({ kind: 'sent' });
    expect(opened).toHaveLength(3);
  });

  it('does not when the content had left, or the connection was new', async () => {
    const failed = { kind: 'failed', error: new Error('closed'), contentLeft: false } as const;
    const fresh = pooled(() => {
      fresh.opened[0]?.close();
      return failed;
    });
    await expect(fresh.pool.send(mail)).resolves.toEqual(failed);

    const left = pooled(() => {
      left.opened.forEach((session) => session.close());
      return { ...failed, contentLeft: true };
    });
    left.pool.warmUp();
    await new Promise(setImmediate);
    await expect(left.pool.send(mail)).resolves.toMatchObject({ contentLeft: true });
  });

  it('lets the next try when one could not be opened', async () => {
    const { pool, state } = pooled();
    state.refuse = true;
    const sent = await Promise.allSettled([1, 2, 3, 4].map(() => pool.send(mail)));
    expect(sent.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'rejected'));
    state.refuse = false;
    await expect(pool.send(mail)).resolves.toEqual({ kind: 'sent' });
  });

  it('ends its connections when it is closed', async () => {
    const { pool, opened } = pooled();
    await pool.send(mail);
    pool.close();
    expect(opened.map(({ quitted }) => quitted)).toEqual([true]);
  });
});
