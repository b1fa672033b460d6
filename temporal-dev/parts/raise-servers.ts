import type { Board } from '../board';
import type { Ports } from '../setting/ports';
import type { Supervisor } from '../supervision/supervisor';
import type { Source } from '../ways/source';
import { firstFound } from '../ways/way';
import type { Addresses } from './addresses';
import type { ServerPart } from './server-part';

export interface Raising {
  readonly board: Board;
  readonly ports: Ports;
  readonly supervisor: Supervisor;
}

/** Finds and starts all servers at once, so that one that has to be built holds up none of the others. */
export async function raiseServers(parts: readonly ServerPart[], raising: Raising): Promise<Addresses> {
  const settled = await Promise.allSettled(parts.map((part) => raise(part, raising)));
  const failures = settled
    .filter((result) => result.status === 'rejected')
    .map(({ reason }) => messageOf(reason));
  if (failures.length > 0) throw new Error(failures.join('\n'));
  return complete(
    Object.assign({}, ...settled.map((result) => (result.status === 'fulfilled' ? result.value : {}))),
  );
}

async function raise(part: ServerPart, { board, ports, supervisor }: Raising): Promise<Partial<Addresses>> {
  const { name } = part;
  board.busy(name, 'looking for it');
  try {
    const source = await firstFound(name, part.ways, (note) => board.busy(name, note));
    if (source.kind === 'external') return await useExternal(part, source, board);
    let addresses: Partial<Addresses> = {};
    await supervisor.start(name, async () => {
      const server = await part.local(source, ports);
      addresses = server.addresses;
      return server.service;
    });
    board.done(
      name,
      `runs at ${Object.values(addresses).map(withoutPassword).join(' and ')} (${source.from})`,
    );
    return addresses;
  } catch (error) {
    board.failed(name, 'cannot be had');
    throw error;
  }
}

async function useExternal(
  part: ServerPart,
  { url, variable }: Extract<Source, { kind: 'external' }>,
  board: Board,
): Promise<Partial<Addresses>> {
  try {
    const addresses = await part.external(url);
    board.done(part.name, `yours at ${withoutPassword(url)}`);
    return addresses;
  } catch (error) {
    throw new Error(`${variable} is set, but ${withoutPassword(url)} is of no use: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** An address as it may be shown. */
export function withoutPassword(address: string | null): string {
  return (address ?? '').replace(/\/\/[^@/]*@/, '//');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function complete(found: Partial<Addresses>): Addresses {
  const { postgres, redis, temporal, smtp, temporalUi = null, inbox = null } = found;
  if (postgres === undefined || redis === undefined || temporal === undefined || smtp === undefined) {
    throw new Error('A server came up without saying where');
  }
  return { postgres, redis, temporal, temporalUi, smtp, inbox };
}
