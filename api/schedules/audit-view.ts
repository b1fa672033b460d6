import { z } from 'zod';
import { AUDIT_ACTIONS } from '../../store/audit';
import type { AuditEntry } from '../../store/audit';
import { instant } from '../../domain/validation/fields';
import { auditAnswer } from './example';

const values = z.record(z.string(), z.unknown());

export const auditView = z
  .strictObject({
    seq: z.int().meta({ description: 'Ascending; there may be gaps.' }),
    at: instant,
    action: z.enum(AUDIT_ACTIONS),
    actorId: z
      .string()
      .meta({ description: '`admin`, the id of an API key, or `steward` for what Sundial does by itself.' }),
    scheduleId: z.string().nullable(),
    payloadDiff: z.strictObject({
      changed: z.array(z.string()).meta({ description: 'Names of all fields that changed.' }),
      from: values.meta({ description: 'Old values of times and states; texts and audiences are not kept.' }),
      to: values.meta({ description: 'New values of the same.' }),
    }),
    prevHash: z.string().nullable().meta({ description: 'Null until sealed; sealing is not built yet.' }),
    hash: z.string().nullable().meta({ description: 'Null until sealed; sealing is not built yet.' }),
  })
  .meta({ id: 'AuditEntry', examples: [auditAnswer] });

export function viewOfAudit({ seq, at, action, actorId, scheduleId, payloadDiff }: AuditEntry) {
  const { changed, from, to } = payloadDiff;
  return {
    seq: Number(seq),
    at: at.toISOString(),
    action,
    actorId,
    scheduleId,
    payloadDiff: { changed: [...changed], from: { ...from }, to: { ...to } },
    prevHash: null,
    hash: null,
  };
}
