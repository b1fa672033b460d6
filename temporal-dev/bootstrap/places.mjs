import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone's own folder. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where data, keys and logs of this clone lie. */
export function dataDirectory() {
  return path.resolve(ROOT, process.env.SUNDIAL_DATA_DIR || '.sundial');
}
