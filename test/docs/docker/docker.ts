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
import { openHouse } from '../../../temporal-dev/house/house';
import type { House } from '../../../temporal-dev/house/house';
import { createCompose } from './compose';
import { createContainers } from './containers';
import type { Containers } from './containers';
import { inAdminTools, inOurImage, inPostgres } from './inside';
import type { Program } from './inside';
import { findPostgresPrograms } from './postgres-programs';
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

const request = z.object({ args: z.array(z.string()), folder: z.string() });

/** @throws when this machine has no PostgreSQL with its tools, or no command line of Temporal's, and cannot get it. */
export async function openDocker(): Promise<Docker> {
  const house = openHouse();
  try {
    return await dockerIn(house);
  } catch (error) {
    await house.close();
    throw error;
  }
}

async function dockerIn(house: House): Promise<Docker> {
  const { cache, data } = house.setting;
  const programs = await findPostgresPrograms({ environment: process.env, cache, data });
  const temporalProgram = await findTemporal();
  const containers = await createContainers(house, programs);
  const compose = createCompose(containers);
  const images = new Set<string>();
  const asked: Asked[] = [];

  async function findTemporal(): Promise<string> {
    const source = await firstFound('Temporal', temporalPart(house.setting).ways, () => undefined);
    if (source.kind !== 'program') throw new Error("Temporal's command line is not to be had as a program");
    return source.file;
  }

  /** Does what was asked, and returns the program that the terminal is to run for the rest of it. */
  async function obey(command: DockerCommand, project: Project, folder: string): Promise<Program | null> {
    switch (command.kind) {
      case 'build services':
        compose.rebuilt();
        return null;
      case 'up':
        if (command.images === 'built') compose.rebuilt();
        await compose.up(command, project);
        return null;
      case 'stop':
        await compose.stop(command.services, project);
        return null;
      case 'down':
        await compose.stop([], project);
        if (command.volumes === 'deleted') containers.deleteVolumes();
        return null;
      case 'exec': {
        const { service, words } = command;
        if (compose.running()[service] === undefined)
          throw new Refused(`service "${service}" is not running`);
        if (service !== 'postgres') throw new Refused(`nothing of ${service} stands in for its container`);
        return inPostgres({ words, folder }, project, { containers, programs });
      }
      case 'run service': {
        const { service, words } = command;
        if (service !== 'temporal-schema')
          throw new Refused(`nothing of ${service} stands in for its container`);
        return inAdminTools({ words, folder }, containers, temporalProgram);
      }
      case 'build image':
        if (command.context !== '.' || !existsSync(path.join(ROOT, command.file)))
          throw new Refused(`failed to read dockerfile: ${command.file} of ${command.context}`);
        images.add(command.tag);
        return null;
      case 'run image':
        if (!images.has(command.image)) throw new Refused(`Unable to find image '${command.image}' locally`);
        return inOurImage(command.words, readVariables(path.join(folder, command.environmentFile)));
    }
  }

  const desk = createServer((incoming, outgoing) => {
    const answer = async (): Promise<Program | null> => {
      const { args, folder } = request.parse(await json(incoming));
      asked.push({ words: args.join(' '), up: Object.keys(compose.running()).toSorted() });
      const project = readComposeFile(readVariables(path.join(folder, '.env')));
      return obey(readCommand(args, Object.keys(project.services)), project, folder);
    };
    void answer().then(
      (program) => outgoing.end(JSON.stringify({ said: '', code: 0, program })),
      (error: unknown) => outgoing.end(JSON.stringify({ said: String(error), code: 1, program: null })),
    );
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
    running: compose.running,
    async close() {
      await new Promise((resolve) => desk.close(resolve));
      await house.close();
    },
  };
}

/** A line a variable, as docker reads it: nothing is quoted. */
function readVariables(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  const lines = readFileSync(file, 'utf8').matchAll(/^(\w+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}
