import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { benchRun } from '../../test/bench-run';
import { processesNaming } from '../../test/stack/clone';
import { withServers } from './servers';

/** Empty counts as not set. */
const NO_SERVERS = { DATABASE_URL: '', REDIS_URL: '', TEMPORAL_ADDRESS: '', SMTP_URL: '' };

describe('the servers of a bench', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'sundial-bench-test-'));
    chmodSync(folder, 0o755);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const data = (): string => path.join(folder, 'data');
  const environment = (): NodeJS.ProcessEnv => ({
    ...process.env,
    ...NO_SERVERS,
    TMPDIR: folder,
    SUNDIAL_DATA_DIR: data(),
  });
  const left = (): { processes: readonly string[]; folders: string[] } => ({
    processes: processesNaming(path.join(folder, 'sundial-bench-')),
    folders: readdirSync(folder).filter((name) => name.startsWith('sundial-bench-')),
  });

  it('leave nothing but their logs when the work fails', async () => {
    const run = benchRun({
      size: 1,
      environment: environment(),
    });
    const failing = withServers(run, async ({ db }) => {
      expect((await db.pool.query('select count(*)::int as people from recipient')).rows).toEqual([
        { people: 0 },
      ]);
      expect(left().processes.length).toBeGreaterThan(0);
      throw new Error('as if');
    });
    await expect(failing).rejects.toThrow('as if');
    expect(left()).toEqual({ processes: [], folders: [] });
    const logs = path.join(data(), 'logs', 'bench');
    expect(run.said).toContain(`The logs are in ${logs}.`);
    expect(readdirSync(logs)).toContain('postgres.log');
  }, 120_000);

  it('leave nothing at all when they are interrupted', async () => {
    const interrupt = new AbortController();
    const run = benchRun({ size: 1, environment: environment(), interrupted: interrupt.signal });
    const interrupted = withServers(run, async ({ db }) => {
      interrupt.abort(new Error('Interrupted.'));
      await db.pool.query('select pg_sleep(100)');
    });
    await expect(interrupted).rejects.toThrow(/terminat/);
    expect(left()).toEqual({ processes: [], folders: [] });
    expect(existsSync(data())).toBe(false);
  }, 120_000);
});
