import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openTerminal } from '../terminal';
import type { Ran, Terminal } from '../terminal';
import { openDocker } from './docker';
import type { Docker } from './docker';

/** Somebody with a terminal, docker, Temporal's command line, and the secrets of a Sundial in containers. */
export interface Operator {
  readonly docker: Docker;
  readonly terminal: Terminal;
  readonly adminKey: string;
  readonly postgresPassword: string;
  /** Runs commands. A failing one fails the test, which then shows what it said. */
  paste(commands: string): Promise<Ran>;
  close(): Promise<void>;
}

export async function openOperator(): Promise<Operator> {
  const docker = await openDocker();
  const { api, temporal } = docker.containers;
  const adminKey = 'admin-key-of-whoever-operates';
  const secrets = {
    POSTGRES_PASSWORD: 'a-password',
    SUNDIAL_ADMIN_KEY: adminKey,
    SUNDIAL_ENCRYPTION_KEYS: `key-1:${randomBytes(32).toString('base64')}`,
    // No load balancer stands before the API.
    SUNDIAL_SHUTDOWN_DRAIN_SECONDS: '0',
  };
  const terminal = openTerminal(
    { API: api, KEY: adminKey, TEMPORAL_ADDRESS: temporal, ...docker.variables },
    { docker: docker.script, temporal: `#!/bin/sh\nexec '${docker.temporalProgram}' "$@"\n` },
  );
  const env = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(path.join(terminal.folder, '.env'), env.join(''));
  return {
    docker,
    terminal,
    adminKey,
    postgresPassword: secrets.POSTGRES_PASSWORD,
    async paste(commands) {
      const ran = await terminal.run(commands);
      expect(ran).toEqual({ ...ran, code: 0 });
      return ran;
    },
    async close() {
      terminal.close();
      await docker.close();
    },
  };
}
