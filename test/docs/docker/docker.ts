import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { temporalPart } from '../../../temporal-dev/parts/temporal';
import { firstFound } from '../../../temporal-dev/ways/way';
import { ROOT, readComposeFile } from '../../deploy/compose-file';
import type { Project } from '../../deploy/compose-file';
import { openHouse } from '../../outages/house';
import type { Resident } from '../../outages/house';
import { createContainers, loginOf } from './containers';
import type { Containers } from './containers';
import { TOOLS, findPostgresPrograms } from './postgres-programs';
import { Refused, readCommand } from './words';
import type { DockerCommand } from './words';

/** One command line, and the services that were up when it was given. */
export interface Asked {
  readonly words: string;
  readonly up: readonly string[];
}

/** `docker` as a reader's terminal has it, with real programs of this machine behind it. */
export interface Docker {
  /** What to install in the terminal as `docker`. */
  readonly script: string;
  /** What that script wants to find in its environment. */
  readonly variables: Readonly<Record<string, string>>;
  readonly containers: Containers;
  /** Temporal's command line. */
  readonly temporalProgram: string;
  readonly asked: readonly Asked[];
  /** How many of each service run. */
  running(): Readonly<Record<string, number>>;
  /** Ends and deletes everything. */
  close(): Promise<void>;
}

interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

interface Reply {
  readonly said: string;
  readonly code: number;
  readonly program: Program | null;
}

const DONE: Reply = { said: '', code: 0, program: null };
const request = z.object({ args: z.array(z.string()), folder: z.string() });

export async function openDocker(): Promise<Docker> {
  const house = openHouse();
  const { setting } = house;
  const programs = await findPostgresPrograms({
    environment: process.env,
    cache: setting.cache,
    data: setting.data,
  });
  const cli = await firstFound('Temporal', temporalPart(setting).ways, () => undefined);
  if (cli.kind !== 'program') throw new Error(`Temporal's command line is not a program here: ${cli.kind}`);
  const temporalProgram = cli.file;
  const containers = await createContainers(house, programs);
  const residents = new Map<string, readonly (Resident | null)[]>();
  const images = new Set<string>();
  const asked: Asked[] = [];
  let changed = false;

  const isUp = (name: string): boolean => (residents.get(name) ?? []).length > 0;

  async function obey(command: DockerCommand, project: Project, folder: string): Promise<Reply> {
    switch (command.kind) {
      case 'build services':
        changed = true;
        return DONE;
      case 'up':
        if (command.images === 'built') changed = true;
        await bringUp(command, project);
        return DONE;
      case 'stop':
        await stop(command.services.length === 0 ? Object.keys(project.services) : command.services, project);
        return DONE;
      case 'down':
        await stop(Object.keys(project.services), project);
        if (command.volumes === 'deleted') containers.deleteVolumes();
        return DONE;
      case 'exec':
        return inPostgres(command, project, folder);
      case 'run service':
        return inAdminTools(command, folder);
      case 'build image':
        if (command.context !== '.' || !existsSync(path.join(ROOT, command.file)))
          throw new Refused(`failed to read dockerfile: ${command.file} of ${command.context}`);
        images.add(command.tag);
        return DONE;
      case 'run image':
        return inImage(command, folder);
    }
  }

  async function bringUp(
    { services, scale }: Extract<DockerCommand, { kind: 'up' }>,
    project: Project,
  ): Promise<void> {
    const wanted = inOrder(services.length === 0 ? Object.keys(project.services) : services, project);
    const rebuilt = changed ? wanted.filter((name) => project.services[name]?.build !== undefined) : [];
    changed = false;
    await stop(rebuilt.filter(isUp), project);
    for (const name of wanted) {
      const service = project.services[name];
      if (service === undefined) throw new Refused(`no such service: ${name}`);
      const there = [...(residents.get(name) ?? [])];
      for (let count = there.length; count < (scale.get(name) ?? 1); count++) {
        const resident = await containers.start(name, service);
        if (service.restart === 'unless-stopped') there.push(resident);
      }
      residents.set(name, there);
    }
  }

  /** Who uses others first. */
  async function stop(names: readonly string[], project: Project): Promise<void> {
    for (const name of inOrder(Object.keys(project.services), project).toReversed()) {
      if (!names.includes(name)) continue;
      const ending = residents.get(name) ?? [];
      residents.delete(name);
      for (const resident of ending) {
        resident?.signal(name === 'postgres' ? 'SIGINT' : 'SIGTERM');
      }
      for (const resident of ending) await resident?.ended;
    }
  }

  function inPostgres(
    { service, words: [tool = '', ...args] }: Extract<DockerCommand, { kind: 'exec' }>,
    project: Project,
    folder: string,
  ): Reply {
    if (!isUp(service)) throw new Refused(`service "${service}" is not running`);
    if (service !== 'postgres' || !TOOLS.includes(tool))
      throw new Refused(`exec: "${tool}": executable file not found in $PATH`);
    if (tool === 'dropdb' && args.at(-1) === 'temporal') containers.forgetTemporal();
    const { password } = loginOf(project.services['postgres']?.environment ?? {});
    // Inside the container they meet the server without being told where it is.
    const server = { PGHOST: '127.0.0.1', PGPORT: String(containers.postgresPort), PGPASSWORD: password };
    const environment = { ...process.env, ...programs.environment, ...server };
    return runs({ file: path.join(programs.tools, tool), args, folder, environment });
  }

  function inAdminTools(
    { service, words: [tool = '', ...args] }: Extract<DockerCommand, { kind: 'run service' }>,
    folder: string,
  ): Reply {
    if (service !== 'temporal-schema' || tool !== 'temporal')
      throw new Refused(`exec: "${tool}": executable file not found in $PATH`);
    const { HOME, PATH } = process.env;
    return runs({
      file: temporalProgram,
      args: args.map(containers.outside),
      folder,
      environment: { HOME, PATH },
    });
  }

  function inImage(
    { environmentFile, image, words: [program = '', ...args] }: Extract<DockerCommand, { kind: 'run image' }>,
    folder: string,
  ): Reply {
    if (!images.has(image)) throw new Refused(`Unable to find image '${image}' locally`);
    if (program !== 'node') throw new Refused(`exec: "${program}": executable file not found in $PATH`);
    const environment = readVariables(path.join(folder, environmentFile));
    return runs({ file: process.execPath, args, folder: ROOT, environment });
  }

  async function answer(args: readonly string[], folder: string): Promise<Reply> {
    asked.push({ words: args.join(' '), up: [...residents.keys()].filter(isUp).toSorted() });
    try {
      const project = readComposeFile(readVariables(path.join(folder, '.env')));
      return await obey(readCommand(args, Object.keys(project.services)), project, folder);
    } catch (error) {
      return { said: error instanceof Error ? error.message : String(error), code: 1, program: null };
    }
  }

  const desk = createServer((incoming, outgoing) => {
    void json(incoming)
      .then((body) => request.parse(body))
      .then(({ args, folder }) => answer(args, folder))
      .then((reply) => outgoing.end(JSON.stringify(reply)));
  });
  await new Promise<void>((resolve) => {
    desk.listen(0, '127.0.0.1', resolve);
  });

  return {
    script: `#!/bin/sh\nexec '${process.execPath}' '${path.join(__dirname, 'on-path.js')}' "$@"\n`,
    variables: { TEST_OF_THE_GUIDE: `http://127.0.0.1:${(desk.address() as AddressInfo).port}` },
    containers,
    temporalProgram,
    asked,
    running: () =>
      Object.fromEntries(
        [...residents].map(([name, { length }]) => [name, length] as const).filter(([, count]) => count > 0),
      ),
    async close() {
      await new Promise((resolve) => desk.close(resolve));
      await house.close();
    },
  };
}

function runs(program: Program): Reply {
  return { said: '', code: 0, program };
}

/** The services and all that they wait for, whoever is waited for first. */
function inOrder(names: readonly string[], project: Project): readonly string[] {
  const order = new Set<string>();
  const visit = (name: string): void => {
    for (const other of Object.keys(project.services[name]?.depends_on ?? {})) visit(other);
    order.add(name);
  };
  names.forEach(visit);
  return [...order];
}

/** A line a variable, as docker reads it: nothing is quoted. */
function readVariables(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  const lines = readFileSync(file, 'utf8').matchAll(/^(\w+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}
