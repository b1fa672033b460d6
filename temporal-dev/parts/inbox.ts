import path from 'node:path';
import type { Setting } from '../setting/setting';
import { environmentWay } from '../ways/environment';
import type { Source } from '../ways/source';
import { found, type Way } from '../ways/way';
import { answersHttp, converse } from './probes';
import type { ServerPart } from './server-part';

const PREFERRED = { smtp: 1025, http: 8025 };

/** An SMTP server that keeps every mail for reading in a browser, unless mail goes to a real one. */
export function inboxPart(setting: Setting): ServerPart {
  return {
    name: 'Inbox',
    ways: [environmentWay('SMTP_URL', setting.environment), ownWay(setting)],
    async external(url) {
      const { protocol, hostname, port } = new URL(url);
      const secure = protocol === 'smtps:';
      // Over TLS the greeting comes encrypted, and only after a handshake: there we trust the address.
      if (!secure && !(await converse(hostname, Number(port) || 587, '')).startsWith('220')) {
        throw new Error('what answers there is no SMTP server');
      }
      return { smtp: url, inbox: null };
    },
    async local(_source, ports) {
      const smtp = await ports.take(PREFERRED.smtp);
      const http = await ports.take(PREFERRED.http);
      const inbox = `http://127.0.0.1:${http}`;
      return {
        addresses: { smtp: `smtp://127.0.0.1:${smtp}`, inbox },
        service: {
          command: {
            file: process.execPath,
            args: [path.join(setting.root, 'dist', 'temporal-dev', 'inbox', 'main.js')],
            environment: {
              SUNDIAL_INBOX_FOLDER: path.join(setting.data, 'inbox'),
              SUNDIAL_INBOX_SMTP_PORT: String(smtp),
              SUNDIAL_INBOX_HTTP_PORT: String(http),
            },
          },
          ready: () => answersHttp(`${inbox}/api/count`),
        },
      };
    },
  };
}

function ownWay(setting: Setting): Way<Source> {
  return {
    name: 'our own',
    async attempt() {
      return found({ kind: 'program', file: setting.root, from: 'our own' });
    },
  };
}
