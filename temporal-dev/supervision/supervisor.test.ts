import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../../test/eventually';
import { endLeftovers } from './end-leftovers';
import { identify } from './process-identity';
import { openProcessRegister, type ProcessRegister } from './process-register';
import type { Service } from './service';
import { createSupervisor, type Supervisor } from './supervisor';

const FOREVER = 'setInterval(() => {}, 1000)';

function service(script: string, ready: () => Promise<boolean> = async () => true): Service {
  return { command: { file: process.execPath, args: ['-e', script] }, ready };
}

describe('the supervisor', () => {
  let folder: string;
  let said: string[];
  let register: ProcessRegister;
  let supervisor: Supervisor;
  let changes: number;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'sundial-supervisor-'));
    said = [];
    changes = 0;
    register = openProcessRegister(path.join(folder, 'processes.json'));
    const say = (part: string, note: string): void => void said.push(`${part} ${note}`);
    supervisor = createSupervisor({
      board: {
        expect: () => undefined,
        busy: say,
        done: say,
        failed: say,
        say: () => undefined,
        close: () => undefined,
      },
      register,
      logs: folder,
      onChange: () => {
        changes++;
      },
    });
  });

  afterEach(async () => {
    await supervisor.stop([], new AbortController().signal);
    rmSync(folder, { recursive: true, force: true });
  });

  it('starts a killed part again and tells that its pid has changed', async () => {
    await supervisor.start('Redis', async () => service(FOREVER));
    const first = supervisor.pids()['Redis'] ?? 0;
    process.kill(first, 'SIGKILL');
    await eventually('a new process', () => changes === 1 && supervisor.pids()['Redis'] !== first);
    expect(said).toContainEqual(expect.stringContaining('died (SIGKILL), is started again in 0.5 s'));
    expect(said.at(-1)).toBe('Redis runs again');
  });

  it('asks for new ports when a part does not come up at once', async () => {
    let attempts = 0;
    await supervisor.start('API', async () => {
      attempts++;
      return attempts < 3 ? service('process.exit(1)', async () => false) : service(FOREVER);
    });
    expect(attempts).toBe(3);
  });

  it('gives a part up that never comes up, with the end of its log', async () => {
    const hopeless = service('console.error("the port is cursed"); process.exit(3)', async () => false);
    await expect(supervisor.start('API', async () => hopeless)).rejects.toThrow(
      /API does not come up: it ended \(code 3\)[\s\S]*the port is cursed/,
    );
  });

  it('says why a program cannot be started at all', async () => {
    const nothing: Service = { command: { file: '/no/such/program', args: [] }, ready: async () => true };
    await expect(supervisor.start('Redis', async () => nothing)).rejects.toThrow(/ENOENT/);
  });

  it('stops the parts in the order given', async () => {
    for (const part of ['Postgres', 'Redis', 'API'])
      await supervisor.start(part, async () => service(FOREVER));
    const pids = Object.values(supervisor.pids());
    said.length = 0;
    await supervisor.stop(['API', 'Redis', 'Postgres'], new AbortController().signal);
    expect(said.filter((line) => line.endsWith('stopped'))).toEqual([
      'API stopped',
      'Redis stopped',
      'Postgres stopped',
    ]);
    expect(pids.filter((pid) => identify(pid) !== null)).toEqual([]);
    expect(register.all()).toEqual([]);
  });

  it('ends a part that ignores the asking, once it is told to hurry', async () => {
    const marker = path.join(folder, 'deaf');
    const deaf = `process.on('SIGTERM', () => {}); require('fs').writeFileSync('${marker}', ''); ${FOREVER}`;
    await supervisor.start('API', async () => service(deaf, async () => exists(marker)));
    const hurry = new AbortController();
    const stopped = supervisor.stop(['API'], hurry.signal);
    hurry.abort();
    await stopped;
    expect(supervisor.pids()).toEqual({});
  });

  it('takes along what a dying part has started itself', async () => {
    const child = `require('child_process').spawn(process.execPath, ['-e', '${FOREVER}'], { stdio: 'ignore' }).pid`;
    const file = path.join(folder, 'child');
    await supervisor.start('Worker', async () =>
      service(`require('fs').writeFileSync('${file}', String(${child})); ${FOREVER}`, async () =>
        exists(file),
      ),
    );
    const grandchild = Number(await read(file));
    process.kill(supervisor.pids()['Worker'] ?? 0, 'SIGKILL');
    await eventually('the grandchild to end', () => identify(grandchild) === null);
  });

  it('ends what an earlier starter has left, but no stranger who has its pid by now', async () => {
    await supervisor.start('Redis', async () => service(FOREVER));
    const [left] = register.all();
    const stranger = { part: 'API', pid: process.pid, startedAt: 'long ago', stopSignal: 'SIGKILL' as const };
    writeFileSync(path.join(folder, 'left.json'), JSON.stringify([left, stranger]));
    await supervisor.stop([], new AbortController().signal);
    expect(await endLeftovers(openProcessRegister(path.join(folder, 'left.json')))).toEqual([]);
    expect(identify(process.pid)).not.toBeNull();
  });
});

async function exists(file: string): Promise<boolean> {
  return (await read(file)) !== '';
}

async function read(file: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return readFile(file, 'utf8').then(
    (text) => text || ' ',
    () => '',
  );
}
