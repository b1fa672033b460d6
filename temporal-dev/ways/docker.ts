import { lastLine, run } from './run';
import type { Source } from './source';
import { found, missing, type Way } from './way';

/** A client without a daemon is common, so only an answer of `docker info` counts. */
export function dockerWay(image: string): Way<Source> {
  return {
    name: 'docker',
    async attempt(tell) {
      const info = await run('docker', ['info', '--format', '{{.ServerVersion}}'], { within: 10_000 });
      if (info.code !== 0) return missing(`docker info does not answer (${lastLine(info)})`);
      tell(`pulling ${image}`);
      const pulled = await run('docker', ['pull', '--quiet', image], { within: 600_000 });
      return pulled.code === 0
        ? found({ kind: 'image', image, from: `docker ${image}` })
        : missing(`${image} cannot be pulled: ${lastLine(pulled)}`);
    },
  };
}
