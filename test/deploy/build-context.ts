import { cpSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Copies what docker would send to the builder: everything that .dockerignore lets through, the last rule that
 * matches a path or a folder above it deciding. Only what stands at the top may be let in again.
 */
export function copyContext(root: string, target: string): void {
  const rules = readFileSync(path.join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ ignores: !line.startsWith('!'), pattern: matcher(line.replace(/^!/, '')) }));
  const ignored = (file: string): boolean =>
    rules.findLast(({ pattern }) => pattern.test(file))?.ignores ?? false;
  for (const name of readdirSync(root).filter((entry) => !ignored(entry))) {
    cpSync(path.join(root, name), path.join(target, name), {
      recursive: true,
      filter: (source) => !ignored(path.relative(root, source)),
    });
  }
}

function matcher(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('**/', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0', '(?:.*/)?');
  return new RegExp(`^${source}(?:/.*)?$`);
}
