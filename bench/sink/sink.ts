import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Screen } from '../../temporal-dev/demo/screen';
import type { Service } from '../../temporal-dev/supervision/service';
import { converse } from '../../temporal-dev/parts/probes';
import { findOnPath } from '../../temporal-dev/ways/path';
import type { Servers } from '../stack/servers';

/** An SMTP server that takes every mail, keeps none, and counts. */
export interface Sink {
  readonly name: 'smtp-sink' | 'smtp-server';
  readonly url: string;
  /** Mails taken so far. */
  received(): number;
}

/** What to install for a sink that costs next to nothing. */
const SINK_HINT =
  'smtp-sink is not installed (Debian: apt-get install postfix): mail goes to a sink in Node, which is slower.';

/** Postfix's own sink where it is installed, otherwise one in Node. */
export async function startSink(
  { setting, ports, supervisor }: Servers,
  screen: Pick<Screen, 'say'>,
): Promise<Sink> {
  const program = findOnPath(['smtp-sink'], setting.environment);
  if (program === undefined) screen.say(SINK_HINT);
  let port = 0;
  await supervisor.start('Sink', async () => {
    port = await ports.take(0);
    return program === undefined ? ownSink(setting.root, port) : postfixSink(program, port);
  });
  const log = path.join(setting.logs, 'sink.log');
  return {
    name: program === undefined ? 'smtp-server' : 'smtp-sink',
    url: `smtp://127.0.0.1:${port}`,
    received: () => lastCount(readFileSync(log, 'latin1')),
  };
}

/** Both write `mesg=<count>` over and over; the last one counts. */
export function lastCount(log: string): number {
  const at = log.lastIndexOf('mesg=');
  return at < 0 ? 0 : Number.parseInt(log.slice(at + 'mesg='.length), 10) || 0;
}

function postfixSink(program: string, port: number): Service {
  // It refuses to stay root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  return serviceAt(port, program, ['-c', ...user, '-m', '200', `127.0.0.1:${port}`, '500']);
}

export function ownSink(root: string, port: number): Service {
  return serviceAt(port, process.execPath, [
    path.join(root, 'dist', 'bench', 'sink', 'main.js'),
    String(port),
  ]);
}

function serviceAt(port: number, file: string, args: readonly string[]): Service {
  return {
    command: { file, args },
    ready: async () => (await converse('127.0.0.1', port, '')).startsWith('220'),
  };
}
