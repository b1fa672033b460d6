/** The addresses of the servers that one test run shares. */
export interface TestStack {
  /** A maintenance connection: tests ask `freshDatabase()` for one of their own. */
  readonly postgres: string;
  readonly redis: string;
  readonly temporal: string;
  readonly temporalUi: string;
  readonly smtp: string;
  readonly inbox: string;
}

const PARTS = ['postgres', 'redis', 'temporal', 'temporalUi', 'smtp', 'inbox'] as const;

/** Reads the addresses that the run's global set-up left in the environment. */
export function stack(): TestStack {
  const text = process.env['SUNDIAL_TEST_STACK'];
  if (text === undefined) {
    throw new Error('SUNDIAL_TEST_STACK is not set: these tests run under jest with its global set-up');
  }
  return parseStack(text);
}

/** @throws when a part is missing, naming it. */
export function parseStack(text: string): TestStack {
  const value: unknown = JSON.parse(text);
  const address = (part: (typeof PARTS)[number]): string => {
    const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined;
    if (typeof found !== 'string') throw new Error(`The test stack has no address for ${part}`);
    return found;
  };
  return {
    postgres: address('postgres'),
    redis: address('redis'),
    temporal: address('temporal'),
    temporalUi: address('temporalUi'),
    smtp: address('smtp'),
    inbox: address('inbox'),
  };
}
