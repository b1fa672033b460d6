import type { Bench, BenchRun, Figures } from './bench';
import { runCampaign } from './campaign';
import { countEvents } from './history-events';
import { runObviousBuild } from './obvious/run';
import { seedPeople, zoneOf } from './people';
import { rounded } from './rounded';
import { type Servers, withServers } from './stack/servers';
import { startSundial } from './stack/sundial';

const BODY = 'Hello {{first_name}}, it is time.';

/** More would only take longer: it does a few dozen a second. */
const MOST_OF_BASELINE = 200;

export const broadcast: Bench = {
  name: 'broadcast',
  about: 'one schedule over noop; against one workflow a person and one activity a message',
  size: {
    option: 'recipients',
    usual: 100_000,
    least: 10,
    most: 2_000_000,
    meaning: 'people who are due at one instant',
  },
  run: (run) => withServers(run, (servers) => measure(run, servers)),
};

async function measure(run: BenchRun, servers: Servers): Promise<Figures> {
  const { size, screen, profiling } = run;
  const { addresses, db } = servers;
  const sundial = await startSundial(servers, addresses.smtp, profiling);
  try {
    await seedPeople(
      db,
      sundial.keyRing,
      size,
      (n) => ({ id: `person-${n}`, zone: zoneOf(n), email: null, attributes: { first_name: `Ada ${n}` } }),
      (done) => screen.progress({ label: 'People', done, total: size, note: '' }),
    );
    const campaign = await runCampaign(run, sundial, servers, { channel: 'noop', content: { body: BODY } });
    const events = await countEvents(sundial.temporal, campaign.scheduleId);
    const baseline = await runObviousBuild(
      { ...run, size: Math.min(size, MOST_OF_BASELINE) },
      { db, address: addresses.temporal, body: BODY },
    );
    return {
      perSecond: campaign.perSecond,
      eventsPerMessage: rounded(events / campaign.considered, 4),
      considered: campaign.considered,
      sent: campaign.sent,
      latenessMs: campaign.latenessMs,
      firstMs: campaign.firstMs,
      workerCpuUs: campaign.workerCpuUs,
      serversCpuUs: campaign.serversCpuUs,
      workerRssMb: campaign.workerRssMb,
      baselinePerSecond: baseline.perSecond,
      baselineEventsPerMessage: baseline.eventsPerMessage,
      baselineRecipients: baseline.sent,
      ratio: rounded(campaign.perSecond / baseline.perSecond, 1),
    };
  } finally {
    await sundial.close();
  }
}
