import { compileTemplate, compiledTemplate, TemplateSyntaxError } from './compiled-template';

function failure(source: string): TemplateSyntaxError {
  try {
    compileTemplate(source);
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return error;
    throw error;
  }
  throw new Error('It compiled.');
}

describe('a template', () => {
  it.each([
    ['Hi {{name', 'a tag is opened with "{{" and never closed (line 1, column 10)'],
    ['Hi\n {{#a}}x', 'the section "a" is never closed with {{/a}} (line 2, column 9)'],
    ['{{#a}}{{/b}}', 'the section "a" is never closed with {{/a}} (line 1, column 7)'],
    ['x\n{{/a}}', 'the section "a" is closed but was never opened (line 2, column 1)'],
    ['{{> header}}', 'partials ({{> name}}) are not supported (line 1, column 1)'],
    ['{{=<%=}}', 'a tag that changes the delimiters must look like {{=<% %>=}} (line 1, column 1)'],
    ['{{}}', 'a tag names nothing (line 1, column 1)'],
    ['{{#}}{{/}}', 'a tag names nothing (line 1, column 1)'],
  ])('%j is refused with its place: %s', (source, message) => {
    expect(failure(source).message).toBe(message);
  });

  it('has bounds: length, depth, blanks in a row, names', () => {
    expect(failure('x'.repeat(262_145)).problem).toContain('262144');
    expect(failure(`${'{{#a}}'.repeat(33)}${'{{/a}}'.repeat(33)}`).problem).toContain('32 deep');
    expect(compileTemplate(`${'{{#a}}'.repeat(32)}${'{{/a}}'.repeat(32)}`)).toHaveLength(1);
    expect(failure(`{{a${' '.repeat(1_001)}`)).toMatchObject({ line: 1, column: 4 });
    expect(failure(`{{#x}}{{${'a.'.repeat(100)}a}}{{/x}}`).message).toBe(
      'a name has at most 200 characters (line 1, column 7)',
    );
    expect(compileTemplate(`{{${'a'.repeat(200)}}}`)).toHaveLength(1);
  });

  it('is parsed once', () => {
    expect(compiledTemplate('Hi {{a}}')).toBe(compiledTemplate('Hi {{a}}'));
    for (let index = 0; index < 300; index += 1) compiledTemplate(`filler ${index}`);
    expect(compiledTemplate('Hi {{a}}')).toEqual(compileTemplate('Hi {{a}}'));
  });
});
