import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { ServerPart } from '../../../temporal-dev/parts/server-part';
import { serverParts } from '../../../temporal-dev/parts/server-parts';
import { answersHttp } from '../../../temporal-dev/parts/probes';
import { createPorts } from '../../../temporal-dev/setting/ports';
import type { Service as Process } from '../../../temporal-dev/supervision/service';
import { run } from '../../../temporal-dev/ways/run';
import { firstFound } from '../../../temporal-dev/ways/way';
import { ROOT } from '../../deploy/compose-file';
import type { Service } from '../../deploy/compose-file';
import { parseDockerfile } from '../../deploy/dockerfile';
import type { House, Resident } from '../../../temporal-dev/house/house';
import { ensureDatabase, postgresService } from './postgres';
import type { Login } from './postgres';
import type { PostgresPrograms } from './postgres-programs';

/** Real processes of this machine in the place of containers. */
export interface Containers {
  /** Starts one more of the service; one that does its work and ends is awaited. @throws with what it said */
  start(name: string, service: Service): Promise<Resident | null>;
  /** The same words with the addresses of inside as they are on this machine. */
  outside(text: string): string;
  readonly api: string;
  readonly codec: string;
  readonly inbox: string;
  readonly temporal: string;
  readonly postgresPort: number;
  /** Temporal's server keeps its data in a file, which goes with the database that stands for it. */
  forgetTemporal(): void;
  /** Everything that a service keeps, while none runs. */
  deleteVolumes(): void;
}

/** Names of the parts of the embedded stack by the service whose place they take. */
const PARTS: Readonly<Record<string, string>> = { redis: 'Redis', temporal: 'Temporal', mail: 'Inbox' };

export async function createContainers(house: House, programs: PostgresPrograms): Promise<Containers> {
  const { setting } = house;
  const ports = createPorts();
  const any = { take: () => ports.take(0) };
  const postgresPort = await any.take();
  const port = { api: await any.take(), codec: await any.take(), metrics: await any.take() };
  const servers = new Map<string, Process>();
  const inside = new Map([
    ['postgres:5432', `127.0.0.1:${postgresPort}`],
    ['worker:9464', `127.0.0.1:${port.metrics}`],
  ]);
  const known: Record<string, string | null> = {};
  for (const [name, part] of Object.entries(PARTS)) {
    const { service, addresses } = await localServer(partNamed(part));
    servers.set(name, service);
    Object.assign(known, addresses);
  }
  for (const [word, address] of [
    ['redis:6379', known['redis']],
    ['temporal:7233', known['temporal']],
    ['mail:1025', known['smtp']],
    ['temporal-ui:8080', known['temporalUi']],
  ] as const)
    inside.set(word, (address ?? '').replace(/^\w+:\/\//, ''));

  function partNamed(name: string): ServerPart {
    const part = serverParts(setting, { postgresPassword: '' }).find((each) => each.name === name);
    if (part === undefined) throw new Error(`There is no ${name}`);
    return part;
  }

  async function localServer(part: ServerPart): ReturnType<ServerPart['local']> {
    const source = await firstFound(part.name, part.ways, () => undefined);
    if (source.kind === 'external') throw new Error(`${part.name} is somebody else's`);
    return part.local(source, any);
  }

  const outside = (text: string): string =>
    [...inside].reduce((said, [word, address]) => said.replaceAll(word, address), text);

  /** Where a container would have a port of its own, a process of this machine needs one that is free. */
  function environmentOf({ environment }: Service, own: Record<string, string>): Record<string, string> {
    const seen = Object.entries(environment).map(([key, value]) => [key, outside(value)] as const);
    return { ...Object.fromEntries(seen), ...own };
  }

  function ours(service: Service, own: Record<string, string>, url: string): Process {
    const [, ...args] = service.command ?? defaultCommand();
    return {
      command: {
        file: process.execPath,
        args: args.map((word) => (word.startsWith('-') ? word : path.join(ROOT, word))),
        environment: environmentOf(service, own),
      },
      ready: () => answersHttp(url),
    };
  }

  async function once(service: Service): Promise<null> {
    const { command } = ours(service, {}, '');
    const ran = await run(command.file, command.args, { environment: command.environment ?? {} });
    if (ran.code !== 0) throw new Error(ran.output);
    return null;
  }

  return {
    outside,
    api: `http://127.0.0.1:${port.api}`,
    codec: `http://127.0.0.1:${port.codec}`,
    inbox: known['inbox'] ?? '',
    temporal: known['temporal'] ?? '',
    postgresPort,
    forgetTemporal: () => empty(path.join(setting.data, 'temporal')),
    deleteVolumes() {
      for (const part of ['temporal', 'redis', 'inbox']) empty(path.join(setting.data, part));
      rmSync(path.join(setting.data, 'postgres'), { recursive: true });
    },
    async start(name, service) {
      const server = servers.get(name);
      if (server !== undefined) return house.take(name, server);
      switch (name) {
        case 'postgres': {
          const login = loginOf(service.environment);
          const place = { folder: setting.data, port: postgresPort, login };
          return house.take(name, await postgresService(programs, place));
        }
        case 'temporal-schema': {
          const { POSTGRES_USER: user = '', SQL_PASSWORD: password = '' } = service.environment;
          for (const database of ['temporal', 'temporal_visibility'])
            await ensureDatabase(postgresPort, { user, password, database }, database);
          return null;
        }
        case 'temporal-ui':
          // The server brings its own.
          return null;
        case 'api': {
          const own = { PORT: String(port.api) };
          return house.take(name, ours(service, own, `http://127.0.0.1:${port.api}/healthz`));
        }
        case 'codec': {
          const own = { SUNDIAL_CODEC_PORT: String(port.codec), SUNDIAL_CODEC_HOST: '127.0.0.1' };
          return house.take(name, ours(service, own, `http://127.0.0.1:${port.codec}/codec/healthz`));
        }
        case 'worker': {
          const free = (await answersHttp(`http://127.0.0.1:${port.metrics}/metrics`).catch(() => false))
            ? await any.take()
            : port.metrics;
          const own = { SUNDIAL_WORKER_METRICS_PORT: String(free) };
          return house.take(name, ours(service, own, `http://127.0.0.1:${free}/metrics`));
        }
        default:
          return once(service);
      }
    },
  };
}

function empty(folder: string): void {
  for (const file of readdirSync(folder)) rmSync(path.join(folder, file), { recursive: true });
}

export function loginOf(environment: Readonly<Record<string, string>>): Login {
  const {
    POSTGRES_USER: user = '',
    POSTGRES_PASSWORD: password = '',
    POSTGRES_DB: database = '',
  } = environment;
  return { user, password, database };
}

/** What deploy/Dockerfile starts when nothing else is said. */
export function defaultCommand(): readonly string[] {
  const stage = parseDockerfile(readFileSync(path.join(ROOT, 'deploy', 'Dockerfile'), 'utf8')).at(-1);
  const command = stage?.instructions.find((step) => step.kind === 'cmd');
  return command?.kind === 'cmd' ? command.command : [];
}
