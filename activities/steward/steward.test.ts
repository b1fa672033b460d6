import { NOON, openStewardship } from '../../test/stewardship';
import type { Stewardship } from '../../test/stewardship';

let steward: Stewardship;
beforeAll(async () => {
  steward = await openStewardship();
});
afterAll(() => steward.close());
beforeEach(() => steward.reset());

const metric = async (name: string): Promise<string[]> =>
  (await steward.registry.metrics()).split('\n').filter((line) => line.startsWith(name));

describe('a turn of a steward', () => {
  it('is measured: when it last succeeded, and what it did', async () => {
    await steward.schedule('s1', { status: 'running' });
    await steward.duties.rebuildWorkflows({ cursor: null });
    expect(await metric('sundial_steward_last_success_timestamp_seconds')).toEqual([
      `sundial_steward_last_success_timestamp_seconds{duty="rebuild"} ${NOON / 1_000}`,
    ]);
    expect(await metric('sundial_steward_actions_total')).toEqual([
      'sundial_steward_actions_total{duty="rebuild",action="told"} 1',
      'sundial_steward_actions_total{duty="rebuild",action="unreached"} 0',
    ]);
  });

  it('that fails is counted and logged with the duty, and fails for its workflow too', async () => {
    await steward.schedule('s1', { status: 'running' });
    steward.answer = () => 'failed';
    await expect(steward.duties.rebuildWorkflows({ cursor: null })).rejects.toThrow('No schedule');
    expect(await metric('sundial_steward_failures_total')).toContain(
      'sundial_steward_failures_total{duty="rebuild"} 1',
    );
    expect(steward.log.at(-1)).toMatchObject({
      level: 'warn',
      fields: { duty: 'rebuild', error: 'NobodyReached' },
    });
    expect(await metric('sundial_steward_last_success_timestamp_seconds{')).toEqual([]);
  });
});
