import type { Ports } from '../setting/ports';
import type { Service } from '../supervision/service';
import type { LocalSource, Source } from '../ways/source';
import type { Way } from '../ways/way';
import type { Addresses } from './addresses';

/** A server that we start, and where it will answer. */
export interface LocalServer {
  readonly service: Service;
  readonly addresses: Partial<Addresses>;
}

/** One of the servers that Sundial needs: how to find it, how to run it, how to use somebody else's. */
export interface ServerPart {
  readonly name: string;
  readonly ways: readonly Way<Source>[];
  /** @throws when nothing of the kind answers there. */
  external(url: string): Promise<Partial<Addresses>>;
  local(source: LocalSource, ports: Ports): Promise<LocalServer>;
}

export interface Containment {
  readonly ports: readonly { readonly host: number; readonly container: number }[];
  /** The folder that outlives the container. */
  readonly folder: { readonly host: string; readonly container: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly rest: readonly string[];
}

/** The command line that runs an image in the foreground, so that its process can be watched like any other. */
export function containerArgs(image: string, { ports, folder, environment, rest }: Containment): string[] {
  return [
    'run',
    '--rm',
    '--init',
    ...ports.flatMap(({ host, container }) => ['-p', `127.0.0.1:${host}:${container}`]),
    '-v',
    `${folder.host}:${folder.container}`,
    ...Object.entries(environment ?? {}).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    image,
    ...rest,
  ];
}
