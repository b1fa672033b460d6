import { randomFillSync } from 'node:crypto';

/** Asking the system for a few bytes at a time took a third of the time of sealing an address. */
const pool = Buffer.alloc(4_096);
let spent = pool.length;

/** Bytes that nobody can guess, as those of `crypto.randomBytes`. None is handed out twice, and none is kept. */
export function unguessableBytes(count: number): Buffer<ArrayBuffer> {
  if (spent + count > pool.length) {
    randomFillSync(pool);
    spent = 0;
  }
  const taken = Buffer.from(pool.subarray(spent, spent + count));
  pool.fill(0, spent, spent + count);
  spent += count;
  return taken;
}
