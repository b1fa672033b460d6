import { HOUR } from '../time/instant';
import { heededRetryAfter } from './retry-after';

it.each([
  ['what is reasonable', 90_000, 90_000],
  ['no time at all', 0, 0],
  ['a time that has passed', -5_000, 0],
  ['years', 3e13, HOUR],
  ['no end', Number.POSITIVE_INFINITY, HOUR],
  ['nonsense', Number.NaN, 0],
])('a provider that asks for %s is heeded as far as an hour', (_, asked, heeded) => {
  expect(heededRetryAfter(asked)).toBe(heeded);
});
