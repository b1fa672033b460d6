import { createPaint } from './paint';
import { createScreen, type Output } from './screen';

const step = (done: number, label = 'People') => ({ label, done, total: 1_000, note: '' });

function recorded(kind: Partial<Output>): { out: Output; text: () => string } {
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  return { out: { ...kind, write }, text: () => text };
}

describe('on a terminal', () => {
  it('redraws one line in place and begins what follows on a new one', () => {
    const { out, text } = recorded({ isTTY: true, columns: 80 });
    const screen = createScreen(out);
    screen.progress(step(1));
    screen.progress(step(2));
    screen.say('done');
    expect(text().match(/\n/g)).toHaveLength(2);
    expect(text().match(/\r {2}People/g)).toHaveLength(2);
    expect(text()).toMatch(/\ndone\n$/);
  });

  it('keeps the last state of a line when another label begins', () => {
    const { out, text } = recorded({ isTTY: true, columns: 80 });
    const screen = createScreen(out);
    screen.progress(step(1_000));
    screen.progress(step(0, 'Settled'));
    expect(text()).toMatch(/1,000 of 1,000[^\n]*\n\r {2}Settled/);
  });

  it('writes nothing for what shows already', () => {
    const { out, text } = recorded({ isTTY: true, columns: 80 });
    const screen = createScreen(out);
    screen.progress(step(1));
    const before = text();
    screen.progress(step(1));
    expect(text()).toBe(before);
  });
});

describe('in a pipe', () => {
  it('writes a line a fifth of the way, without control characters', () => {
    const { out, text } = recorded({});
    const screen = createScreen(out);
    for (let done = 0; done <= 1_000; done++) screen.progress(step(done));
    expect(text().trimEnd().split('\n')).toHaveLength(6);
    // oxlint-disable-next-line no-control-regex -- their absence is what is asserted
    expect(text()).not.toMatch(/[\r\u001b]/);
  });
});

describe('colour', () => {
  const silent: Output = { write: () => undefined };
  const colourful: Output = { ...silent, isTTY: true, hasColors: () => true };

  it('is used on a terminal that has it', () => {
    expect(createPaint(colourful, {}).good('yes')).toBe('\u001B[32myes\u001B[39m');
  });

  it.each([
    ['when NO_COLOR is set', colourful, { NO_COLOR: '1' }],
    ['on a terminal that has none', { ...colourful, hasColors: () => false }, {}],
    ['in a pipe', silent, {}],
  ])('is not used %s', (_when, out, environment) => {
    expect(createPaint(out, environment).bad('no')).toBe('no');
  });
});
