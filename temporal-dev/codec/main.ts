import { createKeyRing } from '../../platform/crypto';
import { createLogger } from '../../platform/logger';
import { createPayloadCodec } from '../../platform/payload-codec';
import { operatorOf } from './operator';
import { createCodecServer } from './server';
import { loadCodecSettings } from './settings';
import { passOnTo } from './web-ui';

/** A process of its own, so that the operators' network can reach it while the API's callers cannot. */
function main(): void {
  const settings = loadCodecSettings(process.env);
  const log = createLogger('codec', settings.logLevel);
  const { webUiUrl, webUiBehind, host, port } = settings;
  const transport = webUiUrl?.startsWith('https:') ? 'https' : 'http';
  const server = createCodecServer({
    codec: createPayloadCodec(createKeyRing(settings.encryptionKeys)),
    operator: operatorOf(settings.adminKey, Date.now, transport),
    webUiOrigin: webUiUrl === undefined ? null : new URL(webUiUrl).origin,
    webUiLink: webUiBehind === undefined ? (webUiUrl ?? null) : '/',
    webUi: webUiBehind === undefined ? null : passOnTo(webUiBehind),
    log,
  });
  server.once('error', fail);
  server.listen(port, host, () => log.info({ host, port }, 'the codec server is listening'));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      server.close(() => process.exit(0));
      server.closeAllConnections();
    });
  }
}

function fail(error: unknown): void {
  process.stderr.write(`The codec server stops: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

try {
  main();
} catch (error) {
  fail(error);
}
