import { createPorts } from '../temporal-dev/setting/ports';

const ports = createPorts();

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  return ports.take(0);
}
