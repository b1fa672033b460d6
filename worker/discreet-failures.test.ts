import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { UnknownKeyError } from '../platform/crypto';
import { discreetFailures } from './discreet-failures';

/** What comes out of an activity that throws `error`. */
async function passed(error: unknown): Promise<unknown> {
  const fails = async (): Promise<never> => {
    throw error;
  };
  try {
    await discreetFailures.execute?.({ args: [], headers: {} }, fails);
  } catch (thrown) {
    return thrown;
  }
  throw new Error('The activity did not fail.');
}

describe('the failure of an activity', () => {
  it('tells the kind of error, its code and where, but not the message', async () => {
    const error = Object.assign(new RangeError('(ada@example.com) exists\nalready'), {
      code: '23505',
      detail: 'Key (external_id)=(ada@example.com)',
    });
    const failure = await passed(error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ message: 'RangeError 23505', type: 'RangeError', nonRetryable: false });
    const { stack } = failure as Error;
    expect(stack).toContain('discreet-failures.test');
    expect(`${stack} ${JSON.stringify(failure)}`).not.toMatch(/ada|already/);
  });

  it('tells of what is no error only its type', async () => {
    expect(await passed('ada@example.com')).toMatchObject({ message: 'string' });
  });

  it.each([
    ApplicationFailure.nonRetryable('There is no occurrence 5.', 'OccurrenceUnknown'),
    new CancelledFailure('CANCELLED'),
    new UnknownKeyError('k1'),
    Object.assign(new Error('aborted'), { name: 'AbortError' }),
  ])('passes as it is when it is %p', async (error) => {
    expect(await passed(error)).toBe(error);
  });
});
