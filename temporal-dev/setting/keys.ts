import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Keys {
  readonly admin: string;
  /** `id:base64` of 32 bytes each, comma-separated; the first one writes. */
  readonly encryption: string;
  readonly postgresPassword: string;
}

/** What is not set from outside is made at the first start and kept where only its owner can read it. */
export function readKeys(data: string, environment: NodeJS.ProcessEnv): Keys {
  const kept = (file: string, make: () => string): string => {
    const place = path.join(data, file);
    if (existsSync(place)) return readFileSync(place, 'utf8').trim();
    const made = make();
    writeFileSync(place, `${made}\n`, { mode: 0o600, flag: 'wx' });
    return made;
  };
  return {
    admin:
      environment['SUNDIAL_ADMIN_KEY'] ||
      kept('admin-key', () => `sundial_${randomBytes(24).toString('base64url')}`),
    encryption:
      environment['SUNDIAL_ENCRYPTION_KEYS'] ||
      kept('encryption-keys', () => `key-1:${randomBytes(32).toString('base64')}`),
    postgresPassword: kept('postgres-password', () => randomBytes(16).toString('hex')),
  };
}
