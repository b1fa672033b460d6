import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { HOUR } from '../../domain/time/instant';
import { encryptedSchedule, newKey } from './encrypted-schedule';
import type { EncryptedSchedule } from './encrypted-schedule';
import { storedPayloads } from './stored-payloads';

const key = newKey('k1');
let run: EncryptedSchedule;

beforeAll(async () => {
  run = await encryptedSchedule();
  const { world } = run;
  world.opensAt -= 2 * HOUR;
  world.people = [1, 2].map((rid) => ({ rid, zone: 'Test/Zone', due: world.opensAt }));
  await run.withWorker([key], async () => (await run.command([key])).result());
});

afterAll(() => run.close());

describe('the histories of a schedule and its occurrence, read from Temporal without a key', () => {
  it('hold no payload in the clear but search attributes and the name of a local activity', async () => {
    for (const workflow of [run.schedule(), run.occurrence()]) {
      const payloads = await storedPayloads(workflow);
      const clear = payloads.filter(({ encoding }) => encoding !== 'binary/encrypted');
      const unexpected = clear.filter(({ path }) => !/\.searchAttributes\.|\.details\.data\./.test(path));
      expect(unexpected.map(({ path }) => path)).toEqual([]);
      expect(new Set(payloads.map(({ keyId }) => keyId))).toEqual(new Set([undefined, 'k1']));
      expect(payloads.length - clear.length).toBeGreaterThan(4);
    }
  });

  it('show no field of an input or an answer, no summary and no outcome', async () => {
    for (const workflow of [run.schedule(), run.occurrence()]) {
      const payloads = await storedPayloads(workflow);
      const inPayloads = payloads.map(({ data }) => Buffer.from(data).toString('utf8')).join('\n');
      const seen = historyToJSON(await workflow.fetchHistory()) + inPayloads;
      for (const word of [
        '"tenantId"',
        '"occurrenceId"',
        '"opensAt"',
        '"upTo"',
        'Test/Zone',
        'page 1 of',
        '"sent"',
      ]) {
        expect(seen).not.toContain(word);
      }
    }
  });

  it('open for who has the key', async () => {
    await expect(run.schedule([key]).result()).resolves.toEqual({ status: 'completed' });
    await expect(run.schedule().result()).rejects.toThrow('Unknown encoding: binary/encrypted');
  });
});
