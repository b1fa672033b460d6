import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, readComposeFile } from '../deploy/compose-file';
import { defaultCommand } from './docker/containers';
import { openDocker } from './docker/docker';
import type { Docker } from './docker/docker';
import { openGuide } from './guide';
import { openTerminal } from './terminal';
import type { Ran, Terminal } from './terminal';

jest.setTimeout(300_000);

const guide = openGuide('docs/production.md', __filename);

let docker: Docker;
let terminal: Terminal;

beforeAll(async () => {
  docker = await openDocker();
  terminal = openTerminal({ API: docker.containers.api, ...docker.variables }, { docker: docker.script });
});

afterAll(async () => {
  terminal.close();
  await docker.close();
});

async function paste(commands: string): Promise<Ran> {
  const ran = await terminal.run(commands);
  expect(ran).toEqual({ ...ran, code: 0 });
  return ran;
}

const everything = {
  api: 1,
  codec: 1,
  mail: 1,
  postgres: 1,
  redis: 1,
  temporal: 1,
  'temporal-ui': 1,
  worker: 1,
};

/** Told in order, by whoever follows the page from its top to its end. */
describe('docs/production.md', () => {
  it('makes the secrets that everything starts with', async () => {
    const { code, said } = await terminal.run('docker compose up --build --detach --wait');
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('is missing from .env') });
    await paste(guide.take('With Docker'));
    await paste(guide.take('With Docker'));
    expect(docker.running()).toEqual(everything);
  });

  it('finds the key, and asks the API with it', async () => {
    await paste(guide.take('With Docker'));
    const { said } = await paste(guide.take('With Docker'));
    expect(said).toContain('{"items":[],"nextCursor":null}');
  });

  it('keeps the data over down and up, and deletes them with --volumes', async () => {
    const asked = 'curl -s "$API/v1/recipients/ada" -H "Authorization: Bearer $KEY"';
    await paste(
      `curl -s -X PUT "$API/v1/recipients/ada" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{}'`,
    );
    await paste(guide.inline('docker compose down'));
    expect(docker.running()).toEqual({});
    await paste(`${guide.inline('docker compose up --detach')} api`);
    await paste(asked);
    await paste(guide.inline('docker compose down --volumes'));
    await paste('docker compose up --detach api');
    expect(await terminal.run(asked)).toMatchObject({ code: 22, said: expect.stringContaining('404') });
  });

  it('builds the image, and migrates a server of your own', async () => {
    const password = await passwordOf(terminal);
    const own = `postgresql://sundial:${password}@127.0.0.1:${docker.containers.postgresPort}/sundial`;
    appendFileSync(path.join(terminal.folder, '.env'), `DATABASE_URL=${own}\n`);
    const { said } = await paste(guide.take('On servers of your own'));
    expect(said).toContain('The database is up to date.');
  });

  it('names what the services run', () => {
    const { services } = readComposeFile(
      Object.fromEntries(
        ['POSTGRES_PASSWORD', 'SUNDIAL_ADMIN_KEY', 'SUNDIAL_ENCRYPTION_KEYS'].map((name) => [name, 'x']),
      ),
    );
    const ours = Object.values(services).filter(({ build }) => build !== undefined);
    const commands = ours.map(({ command = defaultCommand() }) => guide.inline(command.join(' ')));
    expect(commands).toHaveLength(5);
  });

  it('migrates and prepares from a clone as well', async () => {
    const { outside } = docker.containers;
    const own = `postgresql://sundial:${await passwordOf(terminal)}@${outside('postgres:5432')}/sundial`;
    const clone = `cd '${ROOT}'; export DATABASE_URL='${own}' TEMPORAL_ADDRESS='${outside('temporal:7233')}'`;
    const migrated = await paste(`${clone}; ${guide.inline('npm run migrate')}`);
    expect(migrated.said).toContain('The database is up to date.');
    const prepared = await paste(`${clone}; ${guide.inline('npm run namespace')}`);
    expect(prepared.said).toContain('Search attributes added: 0.');
  });

  it('has no other block', () => {
    expect(guide.left()).toEqual([]);
  });
});

async function passwordOf({ run }: Terminal): Promise<string> {
  return (await run("sed -n 's/^POSTGRES_PASSWORD=//p' .env")).said.trim();
}
