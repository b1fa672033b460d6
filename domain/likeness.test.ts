import { likeliest, suggestion } from './likeness';

const NAMES = ['subject', 'title', 'body', 'html', 'requiredVariables', 'gte', 'lte'];

describe('the name that was likely meant', () => {
  it.each([
    ['subjct', 'subject'],
    ['Subject ', 'subject'],
    ['bdoy', 'body'],
    ['requiredVariable', 'requiredVariables'],
    ['required_variables', 'requiredVariables'],
    ['gtee', 'gte'],
  ])('by %j is %s', (text, meant) => {
    expect(likeliest(text, NAMES)).toBe(meant);
  });

  it.each(['', ' ', 'x', 'color', 'lt', '\u{1f600}', 'x'.repeat(100_000)])('by %p is none', (text) => {
    expect(likeliest(text, NAMES)).toBeNull();
    expect(suggestion(text, NAMES)).toBe('');
  });

  it('is none where there are no names', () => {
    expect(likeliest('subject', [])).toBeNull();
  });

  it('is asked for at the end of a sentence', () => {
    expect(`no such field${suggestion('boddy', NAMES)}`).toBe('no such field; did you mean "body"?');
  });
});
