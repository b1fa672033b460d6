import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configReference } from './config-reference';

it('docs/configuration.md lists every variable with its default and meaning', async () => {
  const page = await readFile(join(__dirname, '..', 'docs', 'configuration.md'), 'utf8');
  expect(page).toContain(configReference());
});
