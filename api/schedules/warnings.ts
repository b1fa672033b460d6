import { z } from 'zod';
import type { AudienceCondition } from '../../domain/audience/condition';
import type { InlineContent } from '../../domain/content/content';
import { allNeedsOf, needsOf, sourceOf } from '../../domain/content/needs';
import type { ChannelName } from '../../domain/delivery/channel';
import type { ScheduleConfig } from '../../domain/schedule/config';
import { resolveAudience } from '../../store/segments';
import { findTemplate } from '../../store/templates';
import { addressFieldOf } from '../../domain/recipient/address';
import { countLacking, firstBeyond } from '../../store/variables';
import type { Caller } from '../http/route';

const warning = z
  .strictObject({
    code: z.enum(['variable.missing', 'variable.empty', 'address.missing', 'audience.empty']).meta({
      description:
        '`variable.missing`: the content requires it, so that these people get nothing (`failed`, `missing-variable`). ' +
        '`variable.empty`: their message has a hole where it stands. ' +
        '`address.missing`: they have no address for any of the channels and get nothing (`no-address`). ' +
        '`audience.empty`: nobody is in the audience as it is now; a misspelt attribute or value is true of nobody.',
    }),
    variable: z.string().nullable().meta({ description: 'Null when the warning is not about a variable.' }),
    people: z.int().meta({ description: 'How many have no value for it, or no address.' }),
    of: z.int().meta({ description: 'How many of the audience were looked at.' }),
    examined: z.enum(['everybody', 'part']).meta({
      description:
        '`part`: only the first 10,000 people of the tenant were looked at, so that there may be more who lack it. ' +
        'A preview looks at everybody.',
    }),
    message: z.string(),
  })
  .meta({ id: 'ScheduleWarning' });

export const warningsView = z.array(warning).meta({
  description: 'What will go wrong for some of the audience as it is now. Nothing is refused for it.',
});

export type Warning = z.output<typeof warning>;

/** What is sent, and to whom. */
type Sendout = Pick<
  ScheduleConfig,
  'channel' | 'fallbackChannels' | 'content' | 'templateId' | 'data' | 'audience'
>;

/** Of all that a template may read, these are asked for. */
const MOST_VARIABLES = 50;

/** A command answers within milliseconds whatever the audience: it looks at this many people of the tenant. */
const EXAMINED_BY_A_COMMAND = 10_000;

const AUDIENCE_EMPTY: Warning = {
  code: 'audience.empty',
  variable: null,
  people: 0,
  of: 0,
  examined: 'everybody',
  message: 'nobody is in this audience at the moment: a misspelt attribute or value is true of nobody',
};

/** How many people to look at: everybody, where somebody waits for just that, or the first so many. */
export type Thoroughness = 'everybody' | 'first';

/** Counts who of the audience lacks what the content reads, worst first. */
export async function warningsOf(
  call: Pick<Caller, 'db' | 'principal'>,
  checked: Sendout,
  thoroughness: Thoroughness,
): Promise<Warning[]> {
  const content = await contentOf(call, checked);
  if (content === null) return [];
  const { channel, fallbackChannels = [], data } = checked;
  const names = allNeedsOf(content, channel)
    .filter((name) => sourceOf(name, data) !== 'data')
    .slice(0, MOST_VARIABLES);
  const needs = { variables: names, addresses: addressesOf([channel, ...fallbackChannels]) };
  const { locales, examined } = await count(call, checked.audience, needs, thoroughness);

  const of = locales.reduce((sum, { people }) => sum + people, 0);
  if (of === 0) return examined === 'everybody' ? [AUDIENCE_EMPTY] : [];
  const found = names.map((variable, index) => {
    const lacking = locales.map(({ locale, ...counted }) => {
      const { required, plain } = needsOf(content, channel, locale);
      if (![...required, ...plain].includes(variable)) return 0;
      // What the data lack nobody's attributes make up for: the data win.
      return sourceOf(variable, data) === 'nobody' ? counted.people : (counted.lacking[index] ?? 0);
    });
    const code = content.requiredVariables.includes(variable) ? 'variable.missing' : 'variable.empty';
    return { variable, code, people: lacking.reduce((sum, people) => sum + people, 0) } as const;
  });
  const unreachable = locales.reduce((sum, { withoutAddress }) => sum + withoutAddress, 0);
  return [{ variable: null, code: 'address.missing', people: unreachable } as const, ...found]
    .filter(({ people }) => people > 0)
    .toSorted((a, b) => b.people - a.people)
    .map((tally) => ({ ...tally, of, examined, message: messageOf(tally, of, examined) }));
}

/** What somebody needs one of to be reached; nothing when a channel reaches everybody. */
function addressesOf(channels: readonly ChannelName[]): ('email' | 'phone')[] {
  const fields = channels.map(addressFieldOf);
  return fields.includes(null) ? [] : [...new Set(fields.filter((field) => field !== null))];
}

async function count(
  { db, principal: { tenantId } }: Pick<Caller, 'db' | 'principal'>,
  audience: AudienceCondition,
  needs: Parameters<typeof countLacking>[3],
  thoroughness: Thoroughness,
) {
  const beyond = thoroughness === 'everybody' ? null : await firstBeyond(db, tenantId, EXAMINED_BY_A_COMMAND);
  const condition = await resolveAudience(db, tenantId, audience);
  const locales = await countLacking(db, tenantId, condition, needs, beyond);
  const examined: Warning['examined'] = beyond === null ? 'everybody' : 'part';
  return { locales, examined };
}

function messageOf(
  { variable, code, people }: { variable: string | null; code: Warning['code']; people: number },
  of: number,
  examined: Warning['examined'],
): string {
  const looked = examined === 'part' ? `the ${of} people looked at, who are not all,` : `${of} people`;
  if (variable === null) return `${people} of ${looked} have no address for the channel and get nothing`;
  const consequence =
    code === 'variable.missing'
      ? 'the content requires it, so that they get nothing'
      : 'there will be nothing where it stands';
  return `${variable}: ${people} of ${looked} have no value for it; ${consequence}`;
}

async function contentOf(
  { db, principal }: Pick<Caller, 'db' | 'principal'>,
  { content, templateId, channel }: Sendout,
): Promise<InlineContent | null> {
  if (content !== null) return content;
  const template = templateId === null ? null : await findTemplate(db, principal.tenantId, templateId);
  return template && template.definition.contents[channel] ? template.definition : null;
}
