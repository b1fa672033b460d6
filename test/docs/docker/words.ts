/** A command line that a page may have; docker knows many more, which are refused here until a page needs them. */
export type DockerCommand =
  | {
      readonly kind: 'up';
      readonly services: readonly string[];
      readonly scale: ReadonlyMap<string, number>;
      readonly images: 'built' | 'as they are';
    }
  | { readonly kind: 'stop'; readonly services: readonly string[] }
  | { readonly kind: 'down'; readonly volumes: 'kept' | 'deleted' }
  | { readonly kind: 'build services' }
  | { readonly kind: 'exec'; readonly service: string; readonly words: readonly string[] }
  | { readonly kind: 'run service'; readonly service: string; readonly words: readonly string[] }
  | { readonly kind: 'build image'; readonly file: string; readonly tag: string; readonly context: string }
  | {
      readonly kind: 'run image';
      readonly environmentFile: string;
      readonly image: string;
      readonly words: readonly string[];
    };

/** What docker would say to a slip. */
export class Refused extends Error {}

/**
 * Reads what stands behind `docker`.
 * @throws Refused naming the word that is wrong
 */
export function readCommand(args: readonly string[], services: readonly string[]): DockerCommand {
  const [first = '', ...rest] = args;
  if (first === 'compose') return readCompose(rest, services);
  if (first === 'build') {
    const { flags, words } = readFlags(rest, { '-f': 'value', '-t': 'value' });
    const [context = '', ...more] = words;
    if (context === '' || more.length > 0) throw new Refused('docker build requires exactly 1 argument');
    return { kind: 'build image', file: needed(flags, '-f'), tag: needed(flags, '-t'), context };
  }
  if (first === 'run') {
    const { flags, words } = readFlags(rest, { '--rm': 'alone', '--init': 'alone', '--env-file': 'value' });
    const [image = '', ...command] = words;
    return { kind: 'run image', environmentFile: needed(flags, '--env-file'), image, words: command };
  }
  throw new Refused(`docker: unknown command: docker ${first}`);
}

function readCompose([verb = '', ...rest]: readonly string[], services: readonly string[]): DockerCommand {
  const known = (names: readonly string[]): readonly string[] => {
    const stranger = names.find((name) => !services.includes(name));
    if (stranger !== undefined) throw new Refused(`no such service: ${stranger}`);
    return names;
  };
  switch (verb) {
    case 'up': {
      const { flags, words } = readFlags(rest, {
        '--build': 'alone',
        '--detach': 'alone',
        '--wait': 'alone',
        '--scale': 'value',
      });
      if (!flags.has('--detach')) throw new Refused('without --detach a terminal would not come back');
      return {
        kind: 'up',
        services: known(words),
        scale: readScale(flags.get('--scale'), known),
        images: flags.has('--build') ? 'built' : 'as they are',
      };
    }
    case 'stop':
      return { kind: 'stop', services: known(readFlags(rest, {}).words) };
    case 'down': {
      const { flags } = readFlags(rest, { '--volumes': 'alone' });
      return { kind: 'down', volumes: flags.has('--volumes') ? 'deleted' : 'kept' };
    }
    case 'build':
      known(readFlags(rest, {}).words);
      return { kind: 'build services' };
    case 'exec': {
      const { flags, words } = readFlags(rest, { '-T': 'alone' });
      if (!flags.has('-T'))
        throw new Refused('the input device is not a TTY: exec without -T garbles a dump');
      const [service = '', ...command] = words;
      known([service]);
      return { kind: 'exec', service, words: command };
    }
    case 'run': {
      const { flags, words } = readFlags(rest, { '--rm': 'alone', '--no-deps': 'alone' });
      for (const flag of ['--rm', '--no-deps']) needed(flags, flag);
      const [service = '', ...command] = words;
      known([service]);
      return { kind: 'run service', service, words: command };
    }
    default:
      throw new Refused(`unknown docker command: "compose ${verb}"`);
  }
}

type Shape = Readonly<Record<string, 'alone' | 'value'>>;

/** Flags stand before words: docker hands whatever comes after a service or an image to the program in there. */
function readFlags(
  args: readonly string[],
  shape: Shape,
): { flags: ReadonlyMap<string, string>; words: readonly string[] } {
  const flags = new Map<string, string>();
  let at = 0;
  for (; args[at]?.startsWith('-') === true; at++) {
    const flag = args[at] ?? '';
    const kind = shape[flag];
    if (kind === undefined) throw new Refused(`unknown flag: ${flag}`);
    if (kind === 'value') at++;
    const value = kind === 'value' ? args[at] : '';
    if (value === undefined) throw new Refused(`flag needs an argument: ${flag}`);
    flags.set(flag, value);
  }
  return { flags, words: args.slice(at) };
}

function needed(flags: ReadonlyMap<string, string>, flag: string): string {
  const value = flags.get(flag);
  if (value === undefined) throw new Refused(`${flag} is missing, and nothing here does without it`);
  return value;
}

function readScale(
  text: string | undefined,
  known: (names: readonly string[]) => readonly string[],
): ReadonlyMap<string, number> {
  if (text === undefined) return new Map();
  const [, service = '', number = ''] = /^([^=]+)=([1-9]\d?)$/.exec(text) ?? [];
  if (service === '') throw new Refused(`invalid --scale option "${text}": it is SERVICE=NUM`);
  known([service]);
  return new Map([[service, Number(number)]]);
}
