import { setTimeout as passed } from 'node:timers/promises';
import { configSchema } from '../../platform/config';
import { NAMESPACE } from '../parts/temporal-attributes';
import { prepareNamespace } from './prepare';

/** Histories of closed workflows serve people who look into what happened; what became of each message is in Postgres. */
const RETENTION_DAYS = 3;
const TRIES = 60;
const PAUSE_MS = 2_000;

/** Prepares the Temporal server of `TEMPORAL_ADDRESS`, once; worker and API are started afterwards. */
async function main(): Promise<void> {
  const parsed = configSchema.pick({ TEMPORAL_ADDRESS: true }).safeParse(process.env);
  if (!parsed.success) throw new Error('TEMPORAL_ADDRESS must name the server to prepare, as host:port.');
  const { namespace, added } = await prepareNamespace(
    parsed.data.TEMPORAL_ADDRESS,
    { namespace: NAMESPACE, retentionDays: RETENTION_DAYS },
    { triesAtMost: TRIES, pause: () => passed(PAUSE_MS) },
  );
  process.stdout.write(`Namespace "${NAMESPACE}": ${namespace}. Search attributes added: ${added.length}.\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(
      `Temporal is not prepared: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exit(1);
  },
);
