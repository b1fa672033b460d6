import type { Board } from '../../temporal-dev/board';
import type { Screen } from '../../temporal-dev/demo/screen';

/** What takes time and what goes wrong, as lines; that a part was looked for or started is no news here. */
export function quietBoard(screen: Pick<Screen, 'say'>): Board {
  return {
    expect: () => undefined,
    busy(part, note) {
      if (note !== 'starting' && note !== 'stopping' && !note.startsWith('looking'))
        screen.say(`${part}: ${note}`);
    },
    done: () => undefined,
    failed: (part, note) => screen.say(`${part}: ${note}`),
    say: (line) => screen.say(line),
    close: () => undefined,
  };
}
