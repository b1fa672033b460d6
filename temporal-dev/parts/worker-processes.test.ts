import { STOP_ORDER } from './server-parts';
import { workerParts } from './worker-processes';

describe('the workers that one command runs', () => {
  it('are one unless more are asked for, and all stop before their servers', () => {
    expect(workerParts({})).toEqual(['Worker']);
    expect(workerParts({ SUNDIAL_WORKER_PROCESSES: '' })).toEqual(['Worker']);
    const three = workerParts({ SUNDIAL_WORKER_PROCESSES: '3' });
    expect(three).toEqual(['Worker', 'Worker-2', 'Worker-3']);
    const temporal = STOP_ORDER.indexOf('Temporal');
    expect(three.every((part) => STOP_ORDER.includes(part) && STOP_ORDER.indexOf(part) < temporal)).toBe(
      true,
    );
  });

  it.each(['0', '-1', '1.5', '65', 'all'])('are not %s', (given) => {
    expect(() => workerParts({ SUNDIAL_WORKER_PROCESSES: given })).toThrow(
      `SUNDIAL_WORKER_PROCESSES is ${given}: it has to be a whole number from 1 to 64.`,
    );
  });
});
