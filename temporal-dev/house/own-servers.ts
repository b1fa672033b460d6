import { cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Addresses } from '../parts/addresses';
import { serverParts } from '../parts/server-parts';
import type { Keys } from '../setting/keys';
import type { Ports } from '../setting/ports';
import type { Service } from '../supervision/service';
import { firstFound } from '../ways/way';
import type { House, Resident } from './house';

export type ServerName = 'Postgres' | 'Redis' | 'Temporal' | 'Inbox';

export interface OwnServers {
  readonly addresses: Addresses;
  /** Ends a server at once, as a crash does, unless another signal is named. Resolves when it is gone. */
  takeAway(name: ServerName, by?: NodeJS.Signals): Promise<void>;
  /** Deletes what Temporal has on disk, while it is away. */
  forgetTemporal(): void;
  /** Keeps a copy of what Temporal has on disk, while it is away. */
  backUpTemporal(): void;
  /** Puts the copy in the place of what Temporal has on disk, while it is away. */
  restoreTemporal(): void;
  /** Starts it again on its port, with the data that it had on disk. Resolves when it serves. */
  giveBack(name: ServerName): Promise<void>;
}

/** Postgres ends its own children at this one, and like the others has no time to write anything down. */
const CRASH: Partial<Record<string, NodeJS.Signals>> = { Postgres: 'SIGQUIT' };

/** A Postgres that was killed leaves children, and until they have noticed a new one refuses to start beside them. */
const COMES_BACK_WITHIN_MS = 20_000;

export async function raiseOwnServers(
  house: House,
  ports: Ports,
  keys: Pick<Keys, 'postgresPassword'>,
  tell: (part: string, note: string) => void,
): Promise<OwnServers> {
  const servers = new Map<string, { readonly service: Service; resident: Resident }>();

  const raised = serverParts(house.setting, keys).map(async (part) => {
    const source = await firstFound(part.name, part.ways, (note) => tell(part.name, note));
    if (source.kind === 'external') throw new Error(`${part.name} is not ours to kill.`);
    const { service, addresses } = await part.local(source, ports);
    servers.set(part.name, { service, resident: await house.take(part.name, service) });
    return addresses;
  });
  const unknown: Addresses = {
    postgres: '',
    redis: '',
    temporal: '',
    temporalUi: null,
    smtp: '',
    inbox: null,
  };
  const addresses: Addresses = Object.assign(unknown, ...(await Promise.all(raised)));

  const serverOf = (name: ServerName): { readonly service: Service; resident: Resident } => {
    const server = servers.get(name);
    if (!server) throw new Error(`There is no ${name}.`);
    return server;
  };

  const temporalFolder = path.join(house.setting.data, 'temporal');
  const backup = path.join(house.setting.data, 'temporal-backup');
  const forgetTemporal = (): void => {
    for (const file of readdirSync(temporalFolder)) rmSync(path.join(temporalFolder, file));
  };

  return {
    addresses,
    async takeAway(name, by = CRASH[name] ?? 'SIGKILL') {
      const { resident } = serverOf(name);
      resident.signal(by);
      await resident.ended;
    },
    forgetTemporal,
    backUpTemporal() {
      cpSync(temporalFolder, backup, { recursive: true });
    },
    restoreTemporal() {
      forgetTemporal();
      cpSync(backup, temporalFolder, { recursive: true });
    },
    async giveBack(name) {
      const server = serverOf(name);
      const deadline = Date.now() + COMES_BACK_WITHIN_MS;
      for (;;) {
        try {
          server.resident = await house.take(name, server.service);
          return;
        } catch (error) {
          if (Date.now() > deadline) throw error;
          await sleep(500);
        }
      }
    },
  };
}
