import { spawn } from 'node:child_process';
import { createSmtpChannel } from '../../channels/smtp';
import { createPorts } from '../../temporal-dev/setting/ports';
import { findRoot } from '../../temporal-dev/setting/setting';
import { eventually } from '../../test/eventually';
import { lastCount, ownSink } from './sink';

describe('the count of a sink', () => {
  it('is the last one that it wrote', () => {
    expect(lastCount('')).toBe(0);
    expect(lastCount('sess=1 quit=0 mesg=1\rsess=2 quit=0 mesg=17\r')).toBe(17);
    expect(lastCount('mesg=3\nmesg=4\n')).toBe(4);
  });
});

describe('the sink for machines without Postfix', () => {
  it('takes every mail and says how many', async () => {
    const port = await createPorts().take(0);
    const { command, ready } = ownSink(findRoot(__dirname), port);
    const sink = spawn(command.file, command.args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let log = '';
    sink.stdout.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    try {
      await eventually('the sink answers', () => ready().catch(() => false));
      const channel = createSmtpChannel({ url: `smtp://127.0.0.1:${port}`, from: 'bench@localhost' });
      const sent = await Promise.all(
        Array.from({ length: 30 }, (_, n) =>
          channel.send(
            { id: `m${n}`, address: `person-${n}@example.com`, body: 'It is time.' },
            { tenantId: 1, priority: 3 },
          ),
        ),
      );
      expect(sent.every(({ kind }) => kind === 'accepted')).toBe(true);
      await eventually('all are counted', () => lastCount(log) === 30);
      await channel.close();
    } finally {
      sink.kill();
    }
  });
});
