import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import type { Stack } from '../../temporal-dev/stack-file';
import { identify } from '../../temporal-dev/supervision/process-identity';
import { eventually } from '../eventually';
import { openGuide } from '../docs/guide';
import { argumentsOf, openClone, processesNaming, readData, type Starter } from './clone';

const guide = openGuide('README.md', __filename);
const [startCommand = '', testCommand = ''] = guide
  .take('Two commands')
  .split('\n')
  .map((line) => line.replace(/ +#.*$/, ''));

/** Told in order: one stack is started, used, hurt, stopped, started again, abandoned and deleted. */
describe('npm start', () => {
  const clone = openClone(startCommand);
  const squatter = createServer();
  let starter: Starter;

  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      squatter.listen(0, '127.0.0.1', resolve);
    });
    starter = await clone.start({ PORT: String(takenPort()) });
  }, 180_000);

  afterAll(async () => {
    squatter.close();
    starter.process.kill('SIGTERM');
    await starter.ended;
    rmSync(path.dirname(clone.data), { recursive: true, force: true });
  });

  function takenPort(): number {
    const address = squatter.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  function running(): Stack {
    const stack = clone.stack();
    if (stack === null) throw new Error(`There is no stack.json. The starter said\n${starter.said()}`);
    return stack;
  }

  function pids(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(running().pids).map(([part, pid]) => [part, [pid].flat()[0] ?? 0]),
    );
  }

  it('has beside it the command that runs these tests', () => {
    expect(path.basename(argumentsOf(testCommand)[0] ?? '')).toBe('bootstrap.mjs');
    expect(argumentsOf(testCommand)[1]).toBe('test');
    expect(guide.left()).toEqual([]);
  });

  it('prints a box with every address, the admin key and a curl', () => {
    const stack = running();
    for (const shown of [
      stack.console,
      stack.api,
      stack.temporalUi,
      stack.inbox,
      readData(clone, 'admin-key'),
    ]) {
      expect(starter.said()).toContain(String(shown));
    }
    expect(starter.said()).toMatch(/^curl .*\/v1\/schedules .*$/m);
  });

  it('says a line for every part', () => {
    for (const part of ['Packages', 'Build', 'Postgres', 'Redis', 'Temporal', 'Inbox', 'Worker', 'API']) {
      expect(starter.said()).toMatch(new RegExp(`^✓ ${part}: `, 'm'));
    }
  });

  it('takes a free port when the wanted one is taken', () => {
    expect(running().api).not.toBe(`http://localhost:${takenPort()}`);
  });

  it('answers at the addresses of stack.json', async () => {
    const { api, temporalUi, inbox } = running();
    for (const url of [`${api}/readyz`, `${temporalUi}/`, `${inbox}/`]) {
      expect((await fetch(url)).status).toBe(200);
    }
  });

  it('keeps keys and addresses from other users of the machine', () => {
    for (const file of ['admin-key', 'encryption-keys', 'postgres-password', 'stack.json']) {
      expect(statSync(path.join(clone.data, file)).mode & 0o077).toBe(0);
    }
  });

  it('brings every part back, under its old address, when all of them are killed', async () => {
    const before = pids();
    const { pids: _old, ...addresses } = running();
    for (const [part, pid] of Object.entries(before)) {
      if (part !== 'starter') process.kill(pid, 'SIGKILL');
    }
    await eventually('new pids for all parts', () => {
      const now = pids();
      return Object.keys(before).every(
        (part) => part === 'starter' || (now[part] ?? before[part]) !== before[part],
      );
    });
    await eventually(
      'the API to be ready again',
      async () => (await fetch(`${running().api}/readyz`).catch(() => null))?.ok,
    );
    expect(running()).toMatchObject(addresses);
    expect(starter.said()).toMatch(/✗ Redis: died \(SIGKILL\), is started again in 0\.5 s/);
  });

  it('sends a mail to each of a dozen people when the curl is pasted', async () => {
    const [curl = ''] = /^curl .*$/m.exec(starter.said()) ?? [];
    const pasted = spawnSync('sh', ['-c', curl], { encoding: 'utf8' });
    expect(JSON.parse(pasted.stdout)).toMatchObject({ status: 'scheduled' });
    await eventually(
      'twelve mails',
      async () => {
        const response = await fetch(`${running().inbox}/api/count?q=Hello`);
        const counted: unknown = await response.json();
        return (
          typeof counted === 'object' && counted !== null && Reflect.get(counted, 'distinctMessageIds') === 12
        );
      },
      { withinMs: 45_000 },
    );
  });

  it('prints the box again when it runs already, and leaves it running', async () => {
    const again = await clone.start();
    expect(await again.ended).toBe(0);
    expect(again.said()).toContain(running().api);
    expect(starter.process.exitCode).toBeNull();
  });

  it('is not deleted while it runs', () => {
    const reset = clone.command('reset', '--yes');
    expect(reset.code).toBe(1);
    expect(reset.said).toContain('Sundial is running');
    expect(existsSync(clone.data)).toBe(true);
  });

  it('leaves no process after Ctrl-C, which arrives twice under npm', async () => {
    const before = Object.values(pids());
    starter.process.kill('SIGINT');
    starter.process.kill('SIGINT');
    expect(await starter.ended).toBe(0);
    expect(before.filter((pid) => identify(pid) !== null)).toEqual([]);
    expect(processesNaming(clone.data)).toEqual([]);
    expect(clone.stack()).toBeNull();
  });

  it('starts again within seconds, with its data', async () => {
    const startedAt = performance.now();
    starter = await clone.start();
    expect(performance.now() - startedAt).toBeLessThan(45_000);
    expect(starter.said()).not.toMatch(/installing|once$/m);
    const response = await fetch(`${running().api}/v1/recipients/example-asha`, {
      headers: { authorization: `Bearer ${readData(clone, 'admin-key')}` },
    });
    expect(response.status).toBe(200);
  });

  it('ends what a killed starter has left running, and starts anew', async () => {
    const before = pids();
    starter.process.kill('SIGKILL');
    await starter.ended;
    starter = await clone.start();
    expect(starter.said()).toContain('Ended what an earlier start had left running');
    expect(Object.values(pids()).filter((pid) => Object.values(before).includes(pid))).toEqual([]);
  });

  it('is deleted with all its data by npm run reset', async () => {
    starter.process.kill('SIGTERM');
    await starter.ended;
    expect(clone.command('reset').said).toContain('Nothing was deleted');
    expect(clone.command('reset', '--yes').code).toBe(0);
    expect(existsSync(clone.data)).toBe(false);
  });
});
