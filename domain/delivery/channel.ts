/** Channels and their codes in the ledger. A code is never reused. */
export const CHANNEL_CODES = { email: 1, push: 2, sms: 3, inapp: 4, webhook: 5, noop: 6 } as const;

export type ChannelName = keyof typeof CHANNEL_CODES;

export const CHANNEL_NAMES = Object.keys(CHANNEL_CODES) as ChannelName[];

/**
 * Who carries each channel; null while nobody does, and a schedule on it is refused. Postgres counts by channel
 * alone, which tells the provider as long as a channel has one.
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
