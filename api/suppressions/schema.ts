import { z } from 'zod';
import { SUPPRESSION_REASONS, SUPPRESSION_SOURCES } from '../../domain/delivery/suppression';
import { ADDRESSED_CHANNELS } from '../../domain/recipient/address';
import { emailAddress, phoneNumber } from '../../domain/recipient/body';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import { instant } from '../../domain/validation/fields';
import type { SuppressionRecord } from '../../store/suppressions';

const ADDRESS_OF = { email: emailAddress, sms: phoneNumber } as const;
const MOST_AT_ONCE = 1_000;

const address = {
  channel: z.enum(ADDRESSED_CHANNELS),
  address: z
    .string()
    .max(254)
    .meta({ description: 'An email address, or for `sms` a phone number in E.164. Only its hash is kept.' }),
};

interface Addressed {
  channel: keyof typeof ADDRESS_OF;
  address: string;
}

/** An address is judged as that of a recipient, and refused in the same words. */
function addressOfChannel({ channel, address: text }: Addressed, context: z.RefinementCtx): void {
  for (const issue of ADDRESS_OF[channel].safeParse(text).error?.issues ?? []) {
    const { message } = issue;
    const params = issue.code === 'custom' ? issue.params : undefined;
    context.addIssue({ code: 'custom', path: ['address'], message, ...(params && { params }) });
  }
}

export const lookupBody = z
  .strictObject(address)
  .superRefine(addressOfChannel)
  .meta({ id: 'SuppressionLookup' });

export const suppressionBody = z
  .strictObject({
    ...address,
    reason: z
      .enum(SUPPRESSION_REASONS)
      .default('manual')
      .meta({ description: 'What deliveries show that were refused for it.' }),
  })
  .superRefine(addressOfChannel)
  .meta({ id: 'SuppressionBody' });

export const batchBody = z
  .strictObject({ suppressions: z.array(suppressionBody).min(1).max(MOST_AT_ONCE) })
  .meta({ id: 'SuppressionBatchBody' });

export const suppressionExample = { channel: 'email', address: 'ada@example.com', reason: 'complaint' };

export const suppressionAnswer = {
  id: 'sup_01KCF2Y8M0QZ4T6V9X1B3D5F7H',
  channel: 'email',
  reason: 'complaint',
  source: 'api',
  createdBy: 'admin',
  createdAt: '2026-12-01T09:00:00.000Z',
};

export const suppressionView = z
  .strictObject({
    id: z.string(),
    channel: z.enum(CHANNEL_NAMES),
    reason: z.enum(SUPPRESSION_REASONS),
    source: z
      .enum(SUPPRESSION_SOURCES)
      .meta({ description: '`provider`: it refused the address when a message was sent there.' }),
    createdBy: z.string().nullable().meta({ description: 'Null when a provider was the source.' }),
    createdAt: instant,
  })
  .meta({
    id: 'Suppression',
    examples: [suppressionAnswer],
  });

export function viewOf({ createdAt, ...record }: SuppressionRecord): z.input<typeof suppressionView> {
  return { ...record, createdAt: createdAt.toISOString() };
}
