import type { Bench } from './bench';

/** What `npm run bench -- --help` prints. */
export function usage(benches: readonly Bench[]): string {
  const width = Math.max(...benches.map(({ name }) => name.length));
  return [
    'npm run bench -- <name> [options]',
    '',
    ...benches.flatMap(({ name, about, size }) => [
      `  ${name.padEnd(width)}  ${about}`,
      `  ${''.padEnd(width)}  --${size.option} ${size.usual}: ${size.meaning}, ${size.least} to ${size.most}`,
    ]),
    '',
    '  --json     the last line on stdout is one JSON object',
    '  --profile  writes a CPU profile and a flame graph to .sundial/profiles, and says where the time went',
    '  --help     this',
    '',
    'A bench starts servers of its own in a folder that it throws away. DATABASE_URL, REDIS_URL and',
    'TEMPORAL_ADDRESS put yours in their place: it works in a database of its own, which it drops, and',
    'refuses a Temporal whose task queue a worker of Sundial polls already. It never sends to SMTP_URL.',
    'docs/benchmarks.md says what the figures mean.',
    '',
  ].join('\n');
}
