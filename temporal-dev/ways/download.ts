import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../../platform/error-code';
import { moveIntoPlace } from './move-into-place';
import { lastLine, run } from './run';
import type { Source } from './source';
import { found, missing, type Way } from './way';

const SITE = 'https://temporal.download';
const ANSWERS_WITHIN_MS = 5_000;
const DOWNLOADS_WITHIN_MS = 300_000;

export type Downloadable = 'dev-server' | 'time-skipping';

/** The SDK's own downloader, in a process aside: it can be ended when the network swallows what it asks. */
export function downloadWay(server: Downloadable, version: string, file: string, log: string): Way<Source> {
  return {
    name: 'download',
    async attempt(tell) {
      const silence = await whySilent();
      if (silence !== null) return missing(`${SITE} cannot be reached (${silence})`);
      tell('downloading');
      const aside = `${file}.downloading-${process.pid}`;
      mkdirSync(aside, { recursive: true });
      try {
        const downloader = path.join(__dirname, 'download-main.js');
        const ran = await run(process.execPath, [downloader, server, version, aside], {
          log,
          within: DOWNLOADS_WITHIN_MS,
        });
        const [name] = readdirSync(aside);
        if (ran.code !== 0 || name === undefined) return missing(`${lastLine(ran)} (log: ${log})`);
        chmodSync(path.join(aside, name), 0o755);
        moveIntoPlace(path.join(aside, name), file);
        return found({ kind: 'program', file, from: 'a download' });
      } finally {
        rmSync(aside, { recursive: true, force: true });
      }
    },
  };
}

async function whySilent(): Promise<string | null> {
  try {
    await fetch(SITE, { method: 'HEAD', signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    return null;
  } catch (error) {
    const cause: unknown =
      typeof error === 'object' && error !== null ? Reflect.get(error, 'cause') : undefined;
    return errorCode(cause) ?? `no answer within ${ANSWERS_WITHIN_MS / 1_000} s`;
  }
}
