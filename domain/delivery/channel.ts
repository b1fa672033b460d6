/** Channels and their codes in the ledger. A code is never reused. */
export const CHANNEL_CODES = { email: 1, push: 2, sms: 3, inapp: 4, webhook: 5, noop: 6 } as const;

export type ChannelName = keyof typeof CHANNEL_CODES;

export const CHANNEL_NAMES = Object.keys(CHANNEL_CODES) as ChannelName[];

/**
 * Who carries each channel first; null while nobody does, and a schedule on it is refused. In Postgres who carried a
 * message stands as null where it was the first.
 */
export const PROVIDERS: Readonly<Record<ChannelName, string | null>> = {
  email: 'smtp',
  push: null,
  sms: null,
  inapp: null,
  webhook: 'webhook',
  noop: 'noop',
};

const byCode = new Map<number, ChannelName>(CHANNEL_NAMES.map((name) => [CHANNEL_CODES[name], name]));

export function channelOfCode(code: number): ChannelName {
  const name = byCode.get(code);
  if (!name) throw new RangeError(`No channel has the code ${code}.`);
  return name;
}

/** Who was called, of those whom Postgres keeps; null when nobody was. */
export function calledProvider(
  channel: ChannelName | null,
  stored: string | null,
  calls: number,
): string | null {
  return stored ?? (channel === null || calls === 0 ? null : PROVIDERS[channel]);
}

/** A provider as Postgres keeps it. */
export function storedProvider(channel: ChannelName, provider: string | null): string | null {
  return provider === PROVIDERS[channel] ? null : provider;
}
