import { existsSync } from 'node:fs';
import path from 'node:path';
import { commandsOf, linksOf, pages } from './pages';

const ROOT = path.join(__dirname, '..', '..');
const page = (...lines: string[]): { name: string; text: string } => ({
  name: 'docs/x.md',
  text: `${lines.join('\n')}\n`,
});

describe('commands in a page', () => {
  it('are run unless the block says why not', () => {
    const read = commandsOf(
      page('Text.', '', '```sh', 'curl a', '```', '', '```sh not run: because', 'rm', '```'),
    );
    expect(read).toEqual([
      { kind: 'run', line: 3, text: 'curl a\n' },
      { kind: 'not run', line: 7, why: 'because' },
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

  it('are refused with an info string that says nothing', () => {
    expect(() => commandsOf(page('```sh later', 'curl a', '```'))).toThrow('"sh later" is neither');
  });

  it('are not what other languages hold', () => {
    expect(commandsOf(page('```json', '{}', '```', '```', 'some output', '```'))).toEqual([]);
  });
});

describe('the pages', () => {
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
