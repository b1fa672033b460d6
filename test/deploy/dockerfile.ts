/** One line of a Dockerfile; anything that is not here is refused, because a test could not follow it. */
export type Instruction =
  | { readonly kind: 'workdir'; readonly folder: string }
  | { readonly kind: 'env'; readonly variables: Record<string, string> }
  | {
      readonly kind: 'copy';
      readonly from: string | null;
      readonly sources: string[];
      readonly target: string;
    }
  | { readonly kind: 'run'; readonly command: string }
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'expose'; readonly ports: number[] }
  | { readonly kind: 'healthcheck'; readonly command: string[] }
  | { readonly kind: 'cmd'; readonly command: string[] };

export interface Stage {
  readonly name: string | null;
  readonly image: string;
  readonly instructions: Instruction[];
}

/** The stages in order; the last one is the image. */
export function parseDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, word = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (word === 'FROM') {
      const [, image = '', name = null] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      stages.push({ name, image, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push(instruction(word, rest));
    }
  }
  return stages;
}

function instruction(word: string, rest: string): Instruction {
  switch (word) {
    case 'WORKDIR':
      return { kind: 'workdir', folder: rest };
    case 'ENV':
      return {
        kind: 'env',
        variables: Object.fromEntries(rest.split(' ').map((pair) => splitAt(pair, '='))),
      };
    case 'COPY': {
      const [, from = null, paths = ''] = /^(?:--from=(\S+) )?(.+)$/.exec(rest) ?? [];
      const words = paths.split(' ');
      return { kind: 'copy', from, sources: words.slice(0, -1), target: words.at(-1) ?? '' };
    }
    case 'RUN':
      return { kind: 'run', command: rest };
    case 'USER':
      return { kind: 'user', name: rest };
    case 'EXPOSE':
      return { kind: 'expose', ports: rest.split(' ').map(Number) };
    case 'HEALTHCHECK':
      return { kind: 'healthcheck', command: JSON.parse(rest.replace(/^.*? CMD /, '')) as string[] };
    case 'CMD':
      return { kind: 'cmd', command: JSON.parse(rest) as string[] };
    default:
      throw new Error(`The test cannot follow "${word} ${rest}"`);
  }
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
