import { cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Addresses } from '../../temporal-dev/parts/addresses';
import { serverParts } from '../../temporal-dev/parts/server-parts';
import type { Keys } from '../../temporal-dev/setting/keys';
import type { Ports } from '../../temporal-dev/setting/ports';
import type { Service } from '../../temporal-dev/supervision/service';
import { firstFound } from '../../temporal-dev/ways/way';
import type { House, Resident } from './house';

export type ServerName = 'Postgres' | 'Redis' | 'Temporal' | 'Inbox';

export interface OwnServers {
  readonly addresses: Addresses;
  /** Ends a server at once, as a crash does. Resolves when it is gone. */
  takeAway(name: ServerName): Promise<void>;
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

export async function raiseOwnServers(
  house: House,
  ports: Ports,
  keys: Pick<Keys, 'postgresPassword'>,
): Promise<OwnServers> {
  const servers = new Map<string, { readonly service: Service; resident: Resident }>();

  const raised = serverParts(house.setting, keys).map(async (part) => {
    const source = await firstFound(part.name, part.ways, () => undefined);
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
    async takeAway(name) {
      const { resident } = serverOf(name);
      resident.signal(CRASH[name] ?? 'SIGKILL');
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
      server.resident = await house.take(name, server.service);
    },
  };
}
