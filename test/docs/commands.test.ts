import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadZones } from '../../platform/zones';
import { seed } from '../../temporal-dev/seed';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { postSchedule, untilStatus } from '../e2e/people';
import { openSundial } from '../e2e/sundial';
import { eventually } from '../eventually';
import type { Sundial } from '../e2e/sundial';
import { fencedText } from './fences';
import { PASTING_TEST, commandsOf, pages } from './pages';
import { openTerminal } from './terminal';
import type { Terminal } from './terminal';

jest.setTimeout(120_000);

const pagesWithCommands = pages()
  .map((page) => ({
    name: page.name,
    blocks: commandsOf(page).filter(({ runBy }) => runBy === PASTING_TEST),
  }))
  .filter(({ blocks }) => blocks.length > 0);

/** Each page is followed from its top to its end by somebody who has just started Sundial. */
describe.each(pagesWithCommands)('$name', ({ name, blocks }) => {
  let fresh: FreshDatabase;
  let sundial: Sundial;
  let terminal: Terminal;

  beforeAll(async () => {
    fresh = await freshDatabase();
    sundial = await openSundial({ databaseUrl: fresh.url, taskQueue: randomUUID(), zones: loadZones() });
    await sundial.startWorker();
    terminal = openTerminal({ API: sundial.url, KEY: sundial.adminKey });
    const data = path.join(terminal.folder, '.sundial');
    mkdirSync(data);
    writeFileSync(path.join(data, 'admin-key'), `${sundial.adminKey}\n`);
    writeFileSync(path.join(data, 'stack.json'), JSON.stringify({ api: sundial.url }));
    await seed(sundial.url, sundial.adminKey, data);
    await terminal.run(`export ID=${await postSchedule(sundial, { delay: 'PT1H' })}`);
  });

  afterAll(async () => {
    terminal.close();
    await sundial.stop();
    await fresh.drop();
  });

  it.each(blocks.map((block) => [block.line, block] as const))(
    'line %d can be pasted',
    async (_, { text }) => {
      const { code, said } = await terminal.run(text);
      expect({ code, said }).toEqual({ code: 0, said: expect.any(String) });
    },
  );

  if (name === 'docs/recipients.md') {
    it('says what the import really tells', async () => {
      const errors = await sundial.text(`/v1/jobs/${await terminal.exported('JOB')}/errors`);
      expect(fencedText(name, 'ndjson')).toBe(errors);
    });
  }

  if (name === 'README.md') {
    it('leads to a schedule that is delivered', async () => {
      const id = await terminal.exported('ID');
      await untilStatus(sundial, id, 'completed');
      const { body } = await sundial.call('GET', `/v1/schedules/${id}/deliveries`);
      expect(body.items).toMatchObject([{ recipient: 'ada', outcome: 'sent' }]);
      const imported = async (): Promise<unknown> =>
        (await sundial.call('GET', '/v1/recipients?limit=500')).body.items.find(
          (person: { id: string }) => person.id === 'grace',
        );
      expect(await eventually('the people of the file', imported)).toMatchObject({
        timeZone: 'America/New_York',
        attributes: { first_name: 'Grace' },
      });
    });
  }
});
