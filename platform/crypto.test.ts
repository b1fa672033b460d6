import { randomBytes } from 'node:crypto';
import { createKeyRing, UnknownKeyError } from './crypto';

const first = { id: 'k1', key: randomBytes(32) };
const second = { id: 'k2', key: randomBytes(32) };

describe('the key ring', () => {
  it('opens what it sealed', () => {
    const ring = createKeyRing([first]);
    const { key, wrapped } = ring.newPersonKey(7n);
    const sealed = ring.seal(key, 'ada@example.com', 'email');
    expect(ring.open(ring.openPersonKey(7n, wrapped), sealed, 'email')).toBe('ada@example.com');
  });

  it('seals the same text differently every time', () => {
    const ring = createKeyRing([first]);
    const { key } = ring.newPersonKey(7n);
    expect(ring.seal(key, 'x', 'email')).not.toEqual(ring.seal(key, 'x', 'email'));
  });

  it('writes with the first key and reads with all of them', () => {
    const { wrapped } = createKeyRing([first]).newPersonKey(7n);
    const rotated = createKeyRing([second, first]);
    expect(() => rotated.openPersonKey(7n, wrapped)).not.toThrow();
    expect(() => createKeyRing([second]).openPersonKey(7n, rotated.newPersonKey(7n).wrapped)).not.toThrow();
  });

  it('names the key that is missing when it was removed too early', () => {
    const { wrapped } = createKeyRing([first]).newPersonKey(7n);
    expect(() => createKeyRing([second]).openPersonKey(7n, wrapped)).toThrow(new UnknownKeyError('k1'));
  });

  it('refuses a wrapped key that was copied to another person', () => {
    const ring = createKeyRing([first]);
    const { wrapped } = ring.newPersonKey(7n);
    expect(() => ring.openPersonKey(8n, wrapped)).toThrow('unable to authenticate');
  });

  it('refuses an address that was moved to another column or changed', () => {
    const ring = createKeyRing([first]);
    const { key } = ring.newPersonKey(7n);
    const sealed = ring.seal(key, '+4930123456', 'phone');
    expect(() => ring.open(key, sealed, 'email')).toThrow('unable to authenticate');
    sealed[15] = (sealed[15] ?? 0) ^ 1;
    expect(() => ring.open(key, sealed, 'phone')).toThrow('unable to authenticate');
  });

  it('needs at least one key', () => {
    expect(() => createKeyRing([])).toThrow('at least one key');
  });
});
