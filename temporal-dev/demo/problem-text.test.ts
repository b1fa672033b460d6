import { problemText } from './problem-text';

const problem = {
  type: 'urn:sundial:problem:request.invalid',
  title: 'Invalid request',
  status: 422,
  detail: 'runAt: is past',
  code: 'request.invalid',
  errors: [{ pointer: '/runAt', code: 'time.past', message: 'runAt: is past' }],
  correlationId: 'c-1',
};

describe('a refusal in words', () => {
  it('gives title, code, detail and correlation id', () => {
    expect(problemText(422, JSON.stringify(problem))).toBe(
      '422 Invalid request (request.invalid): runAt: is past\n  correlation id c-1',
    );
  });

  it('names every field when several are wrong', () => {
    const errors = [
      ...problem.errors,
      { pointer: '/name', code: 'field.required', message: 'name: is missing' },
    ];
    expect(problemText(422, JSON.stringify({ ...problem, errors }))).toContain(
      '\n  /runAt  runAt: is past\n  /name  name: is missing\n',
    );
  });

  it('shows what is no problem document as it stands', () => {
    expect(problemText(502, '<h1>Bad gateway</h1>')).toBe('502: <h1>Bad gateway</h1>');
    expect(problemText(500, '{"oops":true}')).toBe('500: {"oops":true}');
  });
});
