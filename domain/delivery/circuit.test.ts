import { createCircuit } from './circuit';
import type { AttemptHealth, Circuit } from './circuit';

const noteAll = (circuit: Circuit, healths: readonly AttemptHealth[], now = 0): void => {
  for (const health of healths) circuit.note(health, now);
};
const times = (count: number, health: AttemptHealth): AttemptHealth[] =>
  Array.from({ length: count }, () => health);

function opened(): Circuit {
  const circuit = createCircuit();
  noteAll(circuit, times(26, 'failing'));
  return circuit;
}

describe('the circuit of a provider', () => {
  it('opens when more than half of the last 50 attempts failed', () => {
    const circuit = createCircuit();
    noteAll(circuit, [...times(25, 'working'), ...times(25, 'failing')]);
    expect(circuit.state()).toBe('closed');
    circuit.note('failing', 0);
    expect(circuit.state()).toBe('open');
  });

  it('does not wait for 50 attempts when those that failed are enough', () => {
    const circuit = createCircuit();
    noteAll(circuit, times(25, 'failing'));
    expect(circuit.admit(0)).toEqual({ kind: 'admitted' });
    circuit.note('failing', 0);
    expect(circuit.state()).toBe('open');
  });

  it('forgets attempts that are longer ago', () => {
    const circuit = createCircuit();
    noteAll(circuit, [...times(25, 'failing'), ...times(50, 'working'), ...times(25, 'failing')]);
    expect(circuit.state()).toBe('closed');
  });

  it('bars all attempts for 30 s, and then lets one probe', () => {
    const circuit = opened();
    expect(circuit.admit(10_000)).toEqual({ kind: 'barred', forMs: 20_000 });
    expect(circuit.admit(30_000)).toEqual({ kind: 'admitted' });
    expect(circuit.admit(30_000)).toEqual({ kind: 'barred', forMs: 1_000 });
  });

  it('closes when the probe works, with nothing remembered of before', () => {
    const circuit = opened();
    circuit.admit(30_000);
    circuit.note('working', 30_500);
    noteAll(circuit, times(25, 'failing'));
    expect(circuit.state()).toBe('closed');
  });

  it('opens for another 30 s when the probe fails', () => {
    const circuit = opened();
    circuit.admit(30_000);
    circuit.note('failing', 31_000);
    expect(circuit.admit(60_999)).toEqual({ kind: 'barred', forMs: 1 });
    expect(circuit.admit(61_000)).toEqual({ kind: 'admitted' });
  });

  it('is not moved by attempts that were under way when it opened', () => {
    const circuit = opened();
    noteAll(circuit, [...times(60, 'working'), ...times(60, 'failing')], 20_000);
    expect(circuit.admit(29_999)).toEqual({ kind: 'barred', forMs: 1 });
  });
});
