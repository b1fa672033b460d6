import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { PASTING_TEST, commandsOf, linksOf, pages } from './pages';

const ROOT = path.join(__dirname, '..', '..');
const page = (...lines: string[]): { name: string; text: string } => ({
  name: 'docs/x.md',
  text: `${lines.join('\n')}\n`,
});

describe('commands in a page', () => {
  it('are pasted, or run by the test that the block names', () => {
    const read = commandsOf(
      page('# Text', '', '```sh', 'curl a', '```', '## More', '```sh run by test/b.test.ts', 'rm', '```'),
    );
    expect(read).toEqual([
      { line: 3, section: 'Text', text: 'curl a\n', runBy: PASTING_TEST },
      { line: 7, section: 'More', text: 'rm\n', runBy: 'test/b.test.ts' },
    ]);
  });

  it('are found inside lists', () => {
    expect(commandsOf(page('1. First', '   ```sh', '   curl a', '   ```'))).toMatchObject([
      { text: '   curl a\n' },
    ]);
  });

  it.each([['```bash'], ['```console'], ['```']])(
    'are refused under %s, where nobody would run them',
    (fence) => {
      expect(() => commandsOf(page(fence, 'curl a', '```'))).toThrow('docs/x.md:1: mark commands as ```sh');
    },
  );

  it.each([['sh later'], ['sh not run: it is slow'], ['sh run by hand']])(
    'are refused as "%s", which names no test',
    (info) => {
      expect(() => commandsOf(page(`\`\`\`${info}`, 'curl a', '```'))).toThrow(`"${info}" is neither`);
    },
  );

  it('are not what other languages hold', () => {
    expect(commandsOf(page('```json', '{}', '```', '```', 'some output', '```'))).toEqual([]);
  });
});

const blocks = pages().flatMap((each) => commandsOf(each).map(({ runBy }) => ({ name: each.name, runBy })));

describe('the pages', () => {
  it.each([...new Set(blocks.map(({ runBy }) => runBy))])(
    'name %s, which reads those that name it',
    (test) => {
      const source = readFileSync(path.join(ROOT, test), 'utf8');
      const naming = blocks.filter(({ runBy }) => runBy === test && test !== PASTING_TEST);
      expect(naming.filter(({ name }) => !source.includes(`'${name}'`))).toEqual([]);
    },
  );

  it('say no command in a sentence that no test runs', () => {
    // What was decided, and against what, is told there and not advised.
    const guides = pages().filter(({ name }) => !name.startsWith('docs/decisions/'));
    const commands = guides.flatMap(({ text }) =>
      [...text.matchAll(/`((?:docker|temporal) [^`]+|npm run (?:migrate|namespace))`/g)].map(
        ([, said = '']) => said,
      ),
    );
    const tests = readdirSync(__dirname).filter((file) => file.endsWith('.test.ts'));
    const sources = tests.map((file) => readFileSync(path.join(__dirname, file), 'utf8')).join('\n');
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.filter((said) => !sources.includes(said))).toEqual([]);
  });

  it.each(pages().map((each) => [each.name, each] as const))('%s links to what exists', (name, each) => {
    const folder = path.dirname(path.join(ROOT, name));
    const files = linksOf(each)
      .map((link) => link.replace(/#.*$/, ''))
      .filter((file) => file !== '');
    expect(files.filter((file) => !existsSync(path.resolve(folder, file)))).toEqual([]);
  });

  it('are all reached from docs/README.md', () => {
    const [index] = pages().filter(({ name }) => name === 'docs/README.md');
    const linked = linksOf(index ?? page('')).map((link) => path.posix.join('docs', link));
    const expected = pages()
      .map(({ name }) => name)
      .filter((name) => /^docs\/[^/]+\.md$/.test(name) && name !== 'docs/README.md');
    expect(expected.filter((name) => !linked.includes(name))).toEqual([]);
  });
});
