import path from 'node:path';
import { ROOT } from '../../deploy/compose-file';
import type { Project } from '../../deploy/compose-file';
import { loginOf } from './containers';
import type { Containers } from './containers';
import { TOOLS } from './postgres-programs';
import type { PostgresPrograms } from './postgres-programs';
import { Refused } from './words';

/** What a reader's terminal is to run in the place of a program inside a container. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** A command line inside a container, and the folder that the reader gave it in. */
export interface Words {
  readonly words: readonly string[];
  readonly folder: string;
}

/** A tool of PostgreSQL in the container of the server, which it meets there without being told where it is. */
export function inPostgres(
  { words: [tool = '', ...args], folder }: Words,
  project: Project,
  { containers, programs }: { containers: Containers; programs: PostgresPrograms },
): Program {
  if (!TOOLS.includes(tool)) throw notFound(tool);
  if (tool === 'dropdb' && args.at(-1) === 'temporal') containers.forgetTemporal();
  const { password } = loginOf(project.services['postgres']?.environment ?? {});
  const server = {
    PGHOST: '127.0.0.1',
    PGPORT: String(containers.postgresPort),
    PGPASSWORD: password,
  };
  const environment = { ...process.env, ...programs.environment, ...server };
  return { file: path.join(programs.tools, tool), args, folder, environment };
}

/** Temporal's command line, as its image of tools for administrators has it. */
export function inAdminTools(
  { words: [tool = '', ...args], folder }: Words,
  containers: Containers,
  temporalProgram: string,
): Program {
  if (tool !== 'temporal') throw notFound(tool);
  const { HOME, PATH } = process.env;
  return { file: temporalProgram, args: args.map(containers.outside), folder, environment: { HOME, PATH } };
}

/** A program of ours in our image, with what the file of variables says and nothing else. */
export function inOurImage(
  [program = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Program {
  if (program !== 'node') throw notFound(program);
  return { file: process.execPath, args, folder: ROOT, environment };
}

function notFound(program: string): Refused {
  return new Refused(`exec: "${program}": executable file not found in $PATH`);
}
