import { z } from 'zod';
import { DECISIONS } from '../../domain/delivery/doubt';
import { decideUnknown } from '../../store/decisions';
import type { RouteDeps } from '../deps';
import { lineOfText } from '../../domain/validation/fields';
import { answer, defineRoute, jsonBody } from '../http/route';
import type { Route } from '../http/route';
import { recipientId } from '../../domain/recipient/body';
import { at, commander, peopleOf, refuseDropped, scheduleParams } from './access';

const decisionBody = z
  .strictObject({
    decision: z.enum(DECISIONS).meta({
      description:
        '`resend` sends once more under the same Message-ID, unless the message has expired. ' +
        '`sent` and `failed` record what you found out.',
    }),
    occurrence: lineOfText(1, 40)
      .optional()
      .meta({ description: 'Nominal time or id of an occurrence; left out, all of them.' }),
    recipient: recipientId.optional().meta({ description: 'Your id of a person; left out, everybody.' }),
  })
  .meta({ id: 'Decision' });

const decisionView = z
  .strictObject({
    decision: z.enum(DECISIONS),
    people: z.int().meta({ description: 'How many it was decided for; those decided before do not count.' }),
  })
  .meta({ id: 'Decided', examples: [{ decision: 'resend', people: 12 }] });

/** What a person makes of messages of which nobody knows whether they were accepted. */
export function decisionRoutes({ clock, commandWritten }: RouteDeps): Route[] {
  return [
    defineRoute({
      method: 'post',
      ...at('/schedules/:id/deliveries/decide'),
      tag: 'Schedules',
      summary: 'Decide on messages whose outcome is `unknown`',
      description:
        'GET /deliveries?outcome=unknown lists them. What is sent again opens its occurrence again; doing it twice ' +
        'changes nothing more.',
      access: 'notification:write',
      params: scheduleParams,
      body: jsonBody(decisionBody, { decision: 'resend', occurrence: '2027-03-20T09:00:00' }),
      responses: { 202: { description: 'Decided.', schema: decisionView } },
      errors: ['schedule.unknown', 'schedule.state.conflict', 'deliveries.dropped'],
      async handle({ params: { id }, body: { decision, ...undecided }, ...call }) {
        const outcome = await decideUnknown(call.db, commander(call, clock()), id, undecided, decision);
        const people = peopleOf(outcome, 'nothing of it is sent any more; decide `sent` or `failed`');
        if (people === 0) await refuseDropped(call, { ...undecided, scheduleId: id });
        if (people > 0 && decision === 'resend') call.afterCommit(commandWritten);
        return answer(202, { decision, people });
      },
    }),
  ];
}
