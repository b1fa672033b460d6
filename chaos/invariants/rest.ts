import type { Invariant } from './invariant';

export const nothingWaits: Invariant = {
  sentence:
    'Nothing waits for ever: no claim, no open occurrence, no command, no workflow but those that stay.',
  violations({ unrest, leftovers: { openOccurrences, untoldCommands, unfinished, workflows } }) {
    return [
      ...(unrest === null ? [] : [unrest]),
      ...(openOccurrences === 0 ? [] : [`${openOccurrences} occurrences are open`]),
      ...(untoldCommands === 0 ? [] : [`${untoldCommands} commands reached no workflow`]),
      ...unfinished,
      ...workflows.map((id) => `the workflow ${id} runs`),
    ];
  },
};

export const nobodyDied: Invariant = {
  sentence: 'No process ended but those that were ended.',
  violations: ({ deaths }) => deaths,
};
