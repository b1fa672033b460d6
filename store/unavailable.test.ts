import { isDatabaseUnavailable, isStatementTooLong } from './unavailable';

const coded = (code: string): Error => Object.assign(new Error('x'), { code });

describe('Postgres is away', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', '57P01', '08006', '53300', 'P1001', 'P2024'])(
    'when an error has the code %s',
    (code) => expect(isDatabaseUnavailable(coded(code))).toBe(true),
  );

  it('when the driver says so without a code', () => {
    expect(isDatabaseUnavailable(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isDatabaseUnavailable(new Error('timeout exceeded when trying to connect'))).toBe(true);
  });

  it('when that is the cause, or one of several errors', () => {
    expect(isDatabaseUnavailable(new Error('x', { cause: coded('ETIMEDOUT') }))).toBe(true);
    expect(isDatabaseUnavailable(new AggregateError([coded('ECONNREFUSED')]))).toBe(true);
  });

  it.each(['23505', '42601', '22P05', 'P2002', 'ENOENT'])('but not for the code %s', (code) =>
    expect(isDatabaseUnavailable(coded(code))).toBe(false),
  );

  it('but not for what is no error', () => {
    for (const thrown of [undefined, null, 'ECONNREFUSED', 5])
      expect(isDatabaseUnavailable(thrown)).toBe(false);
  });
});

describe('a statement took too long', () => {
  it('when Postgres or the driver ended the wait for it', () => {
    expect(isStatementTooLong(coded('57014'))).toBe(true);
    expect(isStatementTooLong(new Error('Query read timeout'))).toBe(true);
  });

  it('but not when there was nobody to send it to', () => {
    expect(isStatementTooLong(coded('ECONNREFUSED'))).toBe(false);
    expect(isStatementTooLong(new Error('timeout exceeded when trying to connect'))).toBe(false);
    expect(isStatementTooLong('Query read timeout')).toBe(false);
  });
});
