import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchRun, Figures } from './bench';
import { BenchStopped } from './bench';
import { runCampaign } from './campaign';
import { attributesOf, NEWSLETTER } from './newsletter';
import { sendByNodemailer } from './nodemailer-loop';
import { addressOf, seedPeople, zoneOf } from './people';
import { rounded } from './rounded';
import { type Sink, startSink } from './sink/sink';
import { type Servers, withServers } from './stack/servers';
import { startSundial } from './stack/sundial';

const COUNTED_WITHIN_MS = 5_000;

export const email: Bench = {
  name: 'email',
  about: 'one schedule over SMTP into a sink; against a bare nodemailer pool with the same messages',
  size: {
    option: 'recipients',
    usual: 20_000,
    least: 10,
    most: 1_000_000,
    meaning: 'people who are due at one instant',
  },
  run: (run) => withServers(run, (servers) => measure(run, servers)),
};

async function measure(run: BenchRun, servers: Servers): Promise<Figures> {
  const { size, screen, profiling } = run;
  const sink = await startSink(servers, screen);
  const sundial = await startSundial(servers, sink.url, profiling);
  try {
    await seedPeople(
      servers.db,
      sundial.keyRing,
      size,
      (n) => ({ id: `person-${n}`, zone: zoneOf(n), email: addressOf(n), attributes: attributesOf(n) }),
      (done) => screen.progress({ label: 'People', done, total: size, note: '' }),
    );
    // One half before and one after, so that a machine whose speed drifts is no judge between the two.
    const half = Math.ceil(size / 2);
    const before = await sendByNodemailer(run, sink.url, { from: 0, upTo: half });
    await untilReceived(sink, half);
    const campaign = await runCampaign(run, sundial, servers, { channel: 'email', content: NEWSLETTER });
    const received = (await untilReceived(sink, half + size)) - half;
    const after = await sendByNodemailer(run, sink.url, { from: half, upTo: size });
    await untilReceived(sink, 2 * size);
    const baselinePerSecond = Math.round(size / (before.seconds + after.seconds));
    return {
      perSecond: campaign.perSecond,
      baselinePerSecond,
      ratio: rounded(campaign.perSecond / baselinePerSecond, 2),
      considered: campaign.considered,
      sent: campaign.sent,
      received,
      sink: sink.name,
      latenessMs: campaign.latenessMs,
      firstMs: campaign.firstMs,
      workerCpuUs: campaign.workerCpuUs,
      serversCpuUs: campaign.serversCpuUs,
      baselineCpuUs: Math.round((before.cpuUs + after.cpuUs) / size),
      workerRssMb: campaign.workerRssMb,
    };
  } finally {
    await sundial.close();
  }
}

/** Every mail that was accepted, and no other. The sink's word comes by a file, a moment later. */
async function untilReceived(sink: Sink, expected: number): Promise<number> {
  const deadline = performance.now() + COUNTED_WITHIN_MS;
  while (sink.received() < expected && performance.now() < deadline) await sleep(20);
  const received = sink.received();
  if (received === expected) return received;
  throw new BenchStopped(`${sink.name} has taken ${received} mails where ${expected} were sent.`);
}
