import { z } from 'zod';
import type { Zones } from '../../domain/time/zones';
import type { SegmentContent, SegmentRecord } from '../../store/segments';
import { readAudience } from '../audience/read';
import { audienceQueryShown } from '../audience/show';
import type { Names } from '../audience/show';
import { instant, nameText, readOnly } from '../../domain/validation/fields';
import type { Caller } from '../http/route';
import { checkFields } from '../../domain/validation/check';
import type { Checked } from '../../domain/validation/check';

/** What POST and PUT take. */
export const segmentBodySchema = z
  .strictObject({
    name: nameText(200),
    query: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Whom it holds, in the language of `audienceQuery`; other segments included.' }),
    id: readOnly(),
    version: readOnly(),
    createdBy: readOnly(),
    createdAt: readOnly(),
    updatedAt: readOnly(),
    archivedAt: readOnly(),
  })
  .meta({ id: 'SegmentBody' });

export const segmentView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    query: z
      .record(z.string(), z.unknown())
      .meta({ description: 'As it was written, without people who were erased.' }),
    version: z.int(),
    createdBy: z.string(),
    createdAt: instant,
    updatedAt: instant,
    archivedAt: instant.nullable(),
  })
  .meta({ id: 'Segment' });

export const segmentExample = {
  name: 'Loyal in Austria',
  query: { country: 'AT', visitsGte: 10 },
};

/** Checks a whole segment. @param call whose database is asked what the query names. */
export async function readSegment(
  zones: Zones,
  document: unknown,
  call: Pick<Caller, 'db' | 'principal'>,
): Promise<Checked<SegmentContent>> {
  const { values, errors } = checkFields(segmentBodySchema, document);
  const { name, query } = values;
  const audience = query === undefined ? null : await readAudience(zones, query, call, '/query');
  const all = [...errors, ...(audience?.kind === 'refused' ? audience.errors : [])];
  if (all.length > 0 || name === undefined || audience?.kind !== 'ok')
    return { kind: 'refused', errors: all };
  return { kind: 'ok', value: { name, condition: audience.value.condition, query: audience.value.query } };
}

export function viewOf(record: SegmentRecord, names: Names): z.input<typeof segmentView> {
  return {
    id: record.id,
    name: record.name,
    query: audienceQueryShown(record.query, record.condition, names),
    version: record.version,
    createdBy: record.createdBy,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
    archivedAt: record.archivedAt?.toISOString() ?? null,
  };
}
