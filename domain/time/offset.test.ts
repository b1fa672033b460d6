import { formatOffset } from './offset';

test.each([
  [0, '+00:00'],
  [20_700, '+05:45'],
  [-12_600, '-03:30'],
  [50_400, '+14:00'],
  [-43_200, '-12:00'],
  [561, '+00:09:21'],
  [-3, '-00:00:03'],
])('an offset of %d seconds is written %s', (offset, text) => {
  expect(formatOffset(offset)).toBe(text);
});
