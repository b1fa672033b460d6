import { z } from 'zod';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import { REASON_CODES } from '../../domain/delivery/state';
import { STEP_RESULTS } from '../../domain/delivery/step';
import type { Step } from '../../domain/delivery/step';
import { instant } from '../../domain/validation/fields';

const stepView = z
  .strictObject({
    at: instant,
    channel: z.enum(CHANNEL_NAMES).nullable(),
    provider: z.string().nullable().meta({ description: 'Who was asked, or would have been.' }),
    result: z.enum(STEP_RESULTS).meta({
      description:
        '`accepted`, `rejected`, `transient`, `unknown` and `rate-limited` are answers of a provider; `unavailable`: it ' +
        'was failing and not asked; `no-address`, `suppressed` and `not-made`: the channel could not write to the ' +
        'person; `restarted`: somebody had it sent once more.',
    }),
    reason: z.enum(Object.keys(REASON_CODES)).nullable(),
  })
  .meta({ id: 'DeliveryStep' });

export const trailView = z.array(stepView).meta({
  description: 'What was tried, oldest first; of deliveries from before it was kept, what is known.',
});

export function viewOfStep({ at, ...step }: Step): z.input<typeof stepView> {
  return { at: new Date(at).toISOString(), ...step };
}
