import path from 'node:path';
import { cacheWay } from '../ways/cache';
import { downloadWay } from '../ways/download';
import { mavenWay } from '../ways/maven';
import type { Source } from '../ways/source';
import { firstFound } from '../ways/way';

const VERSION = '1.38.0';
const PROGRAM = {
  group: 'io.temporal',
  artifact: 'temporal-test-server',
  version: VERSION,
  mainClass: 'io.temporal.testserver.TestServer',
};

/** The executable of the Java test server, whose clock skips to the next timer when nothing else is to do. */
export async function findTimeSkippingServer(cache: string, logs: string): Promise<string> {
  const folder = path.join(cache, `temporal-test-server-${VERSION}`);
  const fromMaven = path.join(folder, 'temporal-test-server');
  const downloaded = `${folder}-native`;
  const log = path.join(logs, 'setup-time-skipping.log');
  const source: Source = await firstFound(
    'The time-skipping test server',
    [
      cacheWay(fromMaven),
      cacheWay(downloaded),
      mavenWay(PROGRAM, fromMaven, log),
      downloadWay('time-skipping', 'default', downloaded, log),
    ],
    () => undefined,
  );
  if (source.kind !== 'program') throw new Error('The time-skipping test server is a program');
  return source.file;
}
