import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpuUsOfTree } from './process-tree';

const BUSY = 'const until = process.cpuUsage().user + 150_000; while (process.cpuUsage().user < until);';

describe('the processor time of a process and all that it has started', () => {
  it('holds that of a child, while it runs and after it has ended', async () => {
    const child = spawn(process.execPath, [
      '-e',
      `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(BUSY)}]);
       console.log('done'); process.stdin.resume();`,
    ]);
    await once(child.stdout, 'data');
    expect(cpuUsOfTree(child.pid)).toBeGreaterThanOrEqual(150_000);
    child.kill();
    await once(child, 'close');
    expect(cpuUsOfTree(child.pid)).toBeUndefined();
  });

  it('is not known of nobody', () => {
    expect(cpuUsOfTree(undefined)).toBeUndefined();
  });
});
