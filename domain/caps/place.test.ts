import { placeAfter } from './place';

describe('the place of a message under the caps', () => {
  it.each(['failed', 'expired', 'erased', 'cancelled', 'suppressed', 'duplicate'] as const)(
    'comes back when it is %s, unless an attempt before may have been accepted',
    (state) => {
      expect(placeAfter(state, 'none-accepted')).toBe('returned');
      expect(placeAfter(state, 'perhaps-accepted')).toBe('kept');
    },
  );

  it.each(['sent', 'unknown'] as const)('is kept when it is %s', (state) => {
    expect(placeAfter(state, 'none-accepted')).toBe('kept');
    expect(placeAfter(state, 'perhaps-accepted')).toBe('kept');
  });
});
