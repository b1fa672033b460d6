import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND } from '../../domain/time/instant';
import type { ServerName } from '../../temporal-dev/house/own-servers';
import { converse } from '../../temporal-dev/parts/probes';
import { readInFlight } from '../evidence/in-flight';
import type { End, Fault, FaultKind } from '../plan/fault';
import { pauseCampaign } from '../round/campaigns';
import { ChaosStopped } from '../stopped';
import type { Post } from './crew';
import { until } from './until';
import type { World } from './world';

/** A little less than a lease: later, somebody may have taken a claim over and ended it. */
const CLAIMS_SEEN_WITHIN_MS = 15 * SECOND;

const WORKER_THERE_WITHIN_MS = 60 * SECOND;

const SIGNALS: Readonly<Record<End, NodeJS.Signals>> = {
  asked: 'SIGINT',
  'at-once': 'SIGQUIT',
  killed: 'SIGKILL',
};

/** Does what a fault says when the one before it of the same server is over, and resolves when it is over itself. */
export function inflict(world: World, fault: Fault): Promise<void> {
  const whose = WHOSE[fault.kind];
  const before = world.turns.get(whose) ?? Promise.resolve();
  // What went wrong with the one before is told by that one.
  const turn = before.catch(() => undefined).then(() => cause(world, fault));
  if (whose !== 'worker') world.turns.set(whose, turn);
  return turn;
}

/** Both workers may be away at once; of everything else there is one. */
const WHOSE: Readonly<Record<FaultKind, string>> = {
  'worker-killed': 'worker',
  'worker-asked-to-end': 'worker',
  'api-killed': 'API',
  'postgres-restarted': 'Postgres',
  'redis-emptied': 'Redis',
  'redis-restarted': 'Redis',
  'temporal-restarted': 'Temporal',
  'campaign-paused': 'campaign',
  'mail-hangs': 'hanging',
  'mail-refuses-connections': 'listening',
  'mail-answers': 'answers',
  'mail-drops': 'drops',
};

async function cause(world: World, fault: Fault): Promise<void> {
  const { crew, mail, stack } = world;
  const { weather } = mail;
  switch (fault.kind) {
    case 'worker-killed':
      return leave(world, 'SIGKILL', fault.awayMs);
    case 'worker-asked-to-end':
      return leave(world, 'SIGTERM', fault.awayMs);
    case 'api-killed':
      await crew.api.end('SIGKILL');
      await sleep(fault.awayMs);
      return crew.api.fill();
    case 'postgres-restarted':
      return restart(world, 'Postgres', fault.awayMs, SIGNALS[fault.end]);
    case 'redis-emptied': {
      const { hostname, port } = new URL(stack.addresses.redis);
      const answer = await converse(hostname, Number(port), 'FLUSHALL\r\n');
      if (!answer.startsWith('+OK')) throw new ChaosStopped(`Redis was not emptied: ${answer.trim()}`);
      return;
    }
    case 'redis-restarted':
      return restart(world, 'Redis', fault.awayMs);
    case 'temporal-restarted':
      return restart(world, 'Temporal', fault.awayMs);
    case 'campaign-paused':
      return pauseCampaign(world, 'First', fault.forMs);
    case 'mail-hangs':
      weather.hang = sleep(fault.forMs);
      await weather.hang;
      weather.hang = null;
      return;
    case 'mail-refuses-connections':
      return mail.refuseConnections(fault.forMs);
    case 'mail-answers':
      weather.answer = fault;
      await sleep(fault.forMs);
      weather.answer = null;
      return;
    case 'mail-drops':
      weather.drop = fault;
  }
}

/** Ends the worker whose end concerns most people. */
async function leave(world: World, signal: NodeJS.Signals, awayMs: number): Promise<void> {
  const { mail, interrupted, note, kills, db } = world;
  const worker = await until('a worker is there to be ended', async () => busiest(world), {
    withinMs: WORKER_THERE_WITHIN_MS,
    interrupted,
  });
  const name = worker.name();
  const onTheWire = mail.onTheWire(name);
  const how = await worker.end(signal);
  const at = Date.now();
  // One that ended in order had recorded everything.
  if (how === 'code 0') note(`${name} has ended in order`);
  else {
    const inFlight = await until('Postgres tells who was in flight', () => readInFlight(db), {
      withinMs: CLAIMS_SEEN_WITHIN_MS,
      interrupted,
    });
    kills.push({ at, worker: name, inFlight });
    note(
      `${name} is gone (${how}): ${onTheWire} of its mails were on the wire, ${inFlight.size} people claimed`,
    );
  }
  await sleep(Math.max(at + awayMs - Date.now(), 0));
  await worker.fill();
}

function busiest({ crew, mail }: World): Post | undefined {
  return crew.workers
    .filter((worker) => worker.isFilled())
    .toSorted((a, b) => mail.onTheWire(b.name()) - mail.onTheWire(a.name()))[0];
}

async function restart(
  { stack }: World,
  server: ServerName,
  awayMs: number,
  by?: NodeJS.Signals,
): Promise<void> {
  await stack.takeAway(server, by);
  await sleep(awayMs);
  await stack.giveBack(server);
}
