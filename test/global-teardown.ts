import { once } from 'node:events';

/** The stack ends when its stdin does; its throw-away folder goes with it. */
export default async function globalTeardown(): Promise<void> {
  const child = globalThis.sundialTestStack;
  if (child === undefined || child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}
