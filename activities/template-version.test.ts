import type { TemplateDefinition } from '../domain/content/content';
import { changeSchedule } from '../store/schedule-commands';
import { changeTemplate, createTemplate } from '../store/templates';
import { campaignKeyRing, NINE, plainConfig, scriptedChannel, startCampaign } from '../test/campaign';
import type { Campaign, ScriptedChannel } from '../test/campaign';
import { seedPeople } from '../test/people';
import type { OccurrenceRef } from './contract';

let channel: ScriptedChannel;
let campaign: Campaign;

beforeAll(async () => {
  channel = scriptedChannel('email', () => ({ kind: 'accepted' }));
  campaign = await startCampaign(channel);
});

afterAll(() => campaign.close());

beforeEach(async () => {
  channel.sent.length = 0;
  await campaign.reset();
  await createTemplate(campaign.db, 1, 't1', { definition: saying('first'), active: true }, 'test', now());
});

const now = (): Date => new Date(campaign.clock.now);

const saying = (body: string): TemplateDefinition => ({
  name: 'T',
  category: 'marketing',
  contents: { email: { variants: { en: { body } } } },
  defaultLocale: 'en',
  requiredVariables: [],
  path: null,
});

const edit = (body: string, reach: 'future' | 'running'): Promise<unknown> =>
  changeTemplate(
    campaign.db,
    1,
    't1',
    () => true,
    () => ({ definition: saying(body), active: true }),
    reach,
    'test',
    now(),
  );

const seed = (count: number): Promise<string[]> =>
  seedPeople(
    campaign.db,
    campaignKeyRing,
    1,
    Array.from({ length: count }, (_, index) => ({ id: `p${index}`, email: `p${index}@example.test` })),
  );

async function deliver(ref: OccurrenceRef): Promise<void> {
  for (const range of await campaign.pages(ref, NINE)) {
    await campaign.activities.deliverPage({ ...ref, at: NINE, range });
  }
}

const said = (): string[] => channel.sent.map(({ body }) => body);

describe('an occurrence', () => {
  it('delivers the version of the template that was current when it opened', async () => {
    await seed(1);
    const before = await campaign.open({ templateId: 't1', content: null });
    await edit('second', 'future');
    const after = await campaign.open({ templateId: 't1', content: null });
    await deliver(before);
    await deliver(after);
    expect(said()).toEqual(['first', 'second']);
  });

  it('goes on with a newer version when the change is to reach what runs', async () => {
    await seed(1);
    const open = await campaign.open({ templateId: 't1', content: null });
    const own = await campaign.open({});
    await edit('second', 'running');
    await deliver(open);
    await deliver(own);
    expect(said()).toEqual(['second', 'Hello ']);
  });

  it('reads the newest version when it opened before versions were kept', async () => {
    await seed(1);
    const open = await campaign.open({ templateId: 't1', content: null });
    await campaign.db.pool.query('update occurrence set template_id = null, template_version = null');
    await edit('second', 'future');
    await deliver(open);
    expect(said()).toEqual(['second']);
  });

  it('keeps the version when its schedule changes, unless to another template', async () => {
    await seed(1);
    await createTemplate(campaign.db, 1, 't2', { definition: saying('other'), active: true }, 'test', now());
    const change = (ref: OccurrenceRef, version: number, own: object): Promise<unknown> =>
      changeSchedule(
        campaign.db,
        { tenantId: 1, actorId: 'test', at: now() },
        ref.scheduleId,
        {
          expected: version,
          config: { ...plainConfig, content: null, templateId: 't1', ...own },
          firstAt: now(),
        },
        'running',
      );
    const kept = await campaign.open({ templateId: 't1', content: null });
    const moved = await campaign.open({ templateId: 't1', content: null });
    await edit('second', 'future');
    await change(kept, 1, { tags: ['x'] });
    await change(moved, 1, { templateId: 't2' });
    await deliver(kept);
    await deliver(moved);
    expect(said()).toEqual(['first', 'other']);
  });
});
