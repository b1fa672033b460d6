import type { Resident } from '../../temporal-dev/house/house';
import type { OwnApi, OwnStack } from '../../temporal-dev/house/own-stack';
import type { MailServer } from '../mail/mail-server';

/** A place for a process, which is filled again under another name after each death. */
export interface Post {
  /** The life that fills it now, or filled it last: `worker-1-3` is the third of the first worker. */
  name(): string;
  isFilled(): boolean;
  fill(): Promise<void>;
  /** Resolves with how the process ended: `SIGKILL`, `code 0`. */
  end(signal: NodeJS.Signals): Promise<string>;
}

/** The processes of Sundial itself. */
export interface Crew {
  readonly workers: readonly Post[];
  readonly api: Post;
  /** Where the API answers, or answered last. */
  apiUrl(): string;
  /** Who ended though nobody had asked for it, in words. */
  deaths(): readonly string[];
}

const WORKERS = 2;

export function createCrew(
  stack: Pick<OwnStack, 'startWorker' | 'startApi'>,
  mail: Pick<MailServer, 'urlFor'>,
): Crew {
  const deaths: string[] = [];
  let api: OwnApi | undefined;

  function createPost(post: string, start: (name: string) => Promise<Resident>): Post {
    let lives = 0;
    let resident: Resident | undefined;
    const name = (): string => `${post}-${lives}`;
    const mourn = async (dying: Resident, life: string): Promise<void> => {
      const how = await dying.ended;
      // Whoever is ended by us gives the place up first.
      if (resident === dying) deaths.push(`${life} ended by itself (${how})`);
    };
    return {
      name,
      isFilled: () => resident !== undefined,
      async fill() {
        lives += 1;
        const life = name();
        const started = await start(life);
        resident = started;
        void mourn(started, life);
      },
      async end(signal) {
        const leaving = resident;
        resident = undefined;
        if (leaving?.isAlive() !== true) return 'it had ended';
        leaving.signal(signal);
        return leaving.ended;
      },
    };
  }

  return {
    workers: Array.from({ length: WORKERS }, (_, index) =>
      createPost(`worker-${index + 1}`, (name) => stack.startWorker({ SMTP_URL: mail.urlFor(name) })),
    ),
    api: createPost('api', async () => {
      api = await stack.startApi();
      return api;
    }),
    apiUrl: () => api?.url ?? '',
    deaths: () => deaths,
  };
}
