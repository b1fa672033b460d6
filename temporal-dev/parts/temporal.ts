import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Setting } from '../setting/setting';
import type { Command } from '../supervision/service';
import { cacheWay } from '../ways/cache';
import { dockerWay } from '../ways/docker';
import { downloadWay } from '../ways/download';
import { environmentWay } from '../ways/environment';
import { goInstallWay } from '../ways/go-install';
import { packageManagerWay } from '../ways/package-manager';
import { pathWay } from '../ways/path';
import type { LocalSource } from '../ways/source';
import { SEARCH_ATTRIBUTES } from './search-attributes';
import { containerArgs, type ServerPart } from './server-part';
import { missingAttributes, registerAttributes } from './temporal-attributes';

/** The newest release that `go install` can build (no replace line); its server is 1.29.1. */
const VERSION = 'v1.5.1';
const PREFERRED = { server: 7233, ui: 8233 };

/** Task queues serve tenants by turns, as a server of one's own does with deploy/temporal/dynamic-config.yaml. */
const FAIRNESS = ['matching.useNewMatcher=true', 'matching.enableFairness=true'];

export function temporalPart(setting: Setting): ServerPart {
  const log = path.join(setting.logs, 'setup-temporal.log');
  const cached = path.join(setting.cache, `temporal-${VERSION}`);
  const program = {
    target: `github.com/temporalio/cli/cmd/temporal@${VERSION}`,
    binary: 'temporal',
    note: 'building, about 3 minutes, once',
  };
  return {
    name: 'Temporal',
    ways: [
      environmentWay('TEMPORAL_ADDRESS', setting.environment),
      pathWay(['temporal'], setting.environment),
      cacheWay(cached),
      packageManagerWay({ apt: null, brew: 'temporal', programs: ['temporal'] }, setting.environment, log),
      downloadWay('dev-server', VERSION, cached, log),
      goInstallWay(program, cached, log),
      dockerWay(`temporalio/temporal:${VERSION.slice(1)}`),
    ],
    async external(address) {
      await registerAttributes(address);
      return { temporal: address, temporalUi: setting.environment['SUNDIAL_TEMPORAL_UI_URL'] || null };
    },
    async local(source, ports) {
      const server = await ports.take(PREFERRED.server);
      const ui = await ports.take(PREFERRED.ui);
      const address = `127.0.0.1:${server}`;
      return {
        addresses: { temporal: address, temporalUi: `http://127.0.0.1:${ui}` },
        service: {
          command: temporalCommand(source, server, ui, setting),
          ready: async () => (await missingAttributes(address)).length === 0,
        },
      };
    },
  };
}

function temporalCommand(source: LocalSource, server: number, ui: number, setting: Setting): Command {
  const folder = path.join(setting.data, 'temporal');
  mkdirSync(folder, { recursive: true });
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  const serve = (ip: string, ports: typeof PREFERRED, place: string): string[] => {
    const database = setting.durability === 'kept' ? ['--db-filename', path.join(place, 'temporal.db')] : [];
    const bound = ['--ip', ip, '--port', String(ports.server), '--ui-port', String(ports.ui)];
    const fair = FAIRNESS.flatMap((value) => ['--dynamic-config-value', value]);
    return ['server', 'start-dev', '--log-level', 'warn', ...bound, ...database, ...attributes, ...fair];
  };
  if (source.kind === 'program') {
    return { file: source.file, args: serve('127.0.0.1', { server, ui }, folder) };
  }
  const ports = [
    { host: server, container: PREFERRED.server },
    { host: ui, container: PREFERRED.ui },
  ];
  const mounted = { host: folder, container: '/data' };
  const rest = serve('0.0.0.0', PREFERRED, mounted.container);
  return { file: 'docker', args: containerArgs(source.image, { ports, folder: mounted, rest }) };
}
