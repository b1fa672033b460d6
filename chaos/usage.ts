/** What `npm run chaos -- --help` prints. */
export const USAGE = [
  'npm run chaos -- [options]',
  '',
  '  --seed N     draws the faults; without one it is drawn itself, and printed',
  '  --minutes M  goes on with the next seeds until M minutes are over; without it there is one round',
  '  --people P   in each of the two campaigns of a round, 100 to 200000; usually 20000',
  '  --json       the last line on stdout is one JSON object',
  '  --help       this',
  '',
  'A round starts servers of its own in a folder that it throws away, two workers and an API, and sends two',
  'campaigns to the same people at one instant, each with a cap of one message a day, while processes are killed',
  'and servers fail as the seed says. Then it holds what came of it to everything that Sundial promises. It ends',
  'with 1 when a promise was broken, and says which and how to run that round again. Plan, story, report and logs',
  'are kept in .sundial/chaos/<seed>. docs/chaos.md says more.',
  '',
].join('\n');
