import { unguessableBytes } from './random-bytes';

describe('bytes that nobody can guess', () => {
  it('are as many as were asked for, and never the same twice', () => {
    const taken = Array.from({ length: 2_000 }, (_, index) => unguessableBytes(index % 2 === 0 ? 12 : 32));
    expect(taken.every(({ length }, index) => length === (index % 2 === 0 ? 12 : 32))).toBe(true);
    expect(new Set(taken.map((bytes) => bytes.toString('hex'))).size).toBe(2_000);
  });

  it('stay as they were taken', () => {
    const first = unguessableBytes(32);
    const copy = Buffer.from(first);
    for (let n = 0; n < 500; n += 1) unguessableBytes(32);
    expect(first.equals(copy)).toBe(true);
    expect(first.equals(Buffer.alloc(32))).toBe(false);
  });
});
