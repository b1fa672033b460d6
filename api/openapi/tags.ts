/** Under which routes are gathered, in the order in which they are shown, and what each is about. */
export const TAGS = {
  Recipients: 'Who may get a message: one by one, or a file at once.',
  Templates: 'What a message says, by channel and language.',
  Segments: 'Named audiences, which queries ask for by `{ "segment": id }`.',
  Schedules: 'What is sent to whom and when, and what became of every person.',
  Messages: 'What is sent to one person, now or later, without a schedule.',
  Suppressions: 'Addresses that a channel writes to no more, whoever has them.',
  'Dead letters': 'Messages that failed after all attempts, and sending them once more.',
  Metrics: 'How many people came to which outcome, over all schedules or of one.',
  Jobs: 'Long work: how far it is, and what it refused.',
  'API keys': 'Credentials of one tenant, each with a role and scopes.',
  Health: 'What machines and people ask of the process itself, without a credential.',
} as const;

export type Tag = keyof typeof TAGS;

/** Holds further paths of routes, so that nobody has to read them twice. */
export const ALIASES = 'Paths without /v1';
export const ALIASES_ARE = 'Schedules answer under these as well; each does what its path under `/v1` does.';
