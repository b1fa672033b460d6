import { z } from 'zod';
import { recipientBody, recipientId } from '../../domain/recipient/body';
import { dueOf } from '../../domain/messages/due';
import { profileOf } from '../../domain/recipient/profile';
import { parseWallTime } from '../../domain/time/wall-time';
import { check } from '../../domain/validation/check';
import { newId } from '../../platform/new-id';
import { canonicalLocale } from '../../platform/locale';
import {
  changeRecipient,
  eraseRecipient,
  findRecipient,
  listRecipients,
  putRecipient,
} from '../../store/recipients';
import { followZone } from '../../store/messages/follow-zone';
import type { RouteDeps } from '../deps';
import { ApiError, invalidRequest } from '../errors/problem';
import { listOf, listQuery, pageOf, sliceOf } from '../http/list';
import { mergePatch } from '../http/merge-patch';
import { answer, defineRoute, JSON_TYPE, jsonBody, MERGE_PATCH_TYPE } from '../http/route';
import type { Call, Route } from '../http/route';
import { jobExample, jobSchema } from '../jobs/schema';
import { jobView } from '../jobs/view';
import { documentOf, viewOf } from './profile';
import { recipientExample, recipientPatch, recipientView } from './schema';

type Followed = Pick<Call<unknown, unknown, unknown>, 'db' | 'principal' | 'afterCommit'>;

export function recipientRoutes({ keyRing, zones, clock, messagesWritten }: RouteDeps): Route[] {
  const params = z.strictObject({ id: recipientId });
  const bodySchema = recipientBody({ zones, canonicalLocale });
  const found = { description: 'The recipient.', schema: recipientView };
  const tag = 'Recipients';
  const path = '/v1/recipients/:id';
  const now = (): Date => new Date(clock());

  /** What waits for a wall time of theirs goes with them to another zone. */
  async function moveMessages({ db, principal, afterCommit }: Followed, id: string): Promise<void> {
    const moved = await followZone(db, principal.tenantId, id, (wallTime, zone) => {
      const wall = parseWallTime(wallTime);
      return wall.kind === 'ok' && zones.has(zone)
        ? dueOf(zones, { kind: 'wall', wall: wall.value }, zone, clock()).at
        : null;
    });
    if (moved.length > 0) afterCommit(() => messagesWritten(moved));
  }

  return [
    defineRoute({
      method: 'put',
      path,
      aboutRecipient: 'in-path',
      tag,
      summary: 'Create a recipient, or replace all that is known of one',
      access: 'notification:write',
      params,
      body: jsonBody(bodySchema, recipientExample),
      responses: {
        200: { description: 'Replaced.', schema: recipientView },
        201: {
          description: 'Created.',
          schema: recipientView,
          headers: { Location: 'Path of the recipient.' },
        },
      },
      async handle({ params: { id }, body, ...call }) {
        const { principal, db } = call;
        const profile = profileOf(body, zones);
        const { outcome, record } = await putRecipient(db, keyRing, principal.tenantId, id, profile, now());
        if (outcome === 'replaced') await moveMessages(call, id);
        const view = viewOf(record, principal.tenantZone);
        return outcome === 'created'
          ? answer(201, view, { Location: `/v1/recipients/${encodeURIComponent(id)}` })
          : answer(200, view);
      },
    }),
    defineRoute({
      method: 'get',
      path,
      tag,
      summary: 'Read a recipient',
      access: 'notification:read',
      params,
      responses: { 200: found },
      errors: ['recipient.unknown', 'encryption.key-missing'],
      async handle({ params: { id }, principal, db }) {
        const record = await findRecipient(db, keyRing, principal.tenantId, id);
        if (!record) throw new ApiError('recipient.unknown');
        return answer(200, viewOf(record, principal.tenantZone));
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/recipients',
      tag,
      summary: 'List recipients',
      access: 'notification:read',
      query: z.strictObject(listQuery),
      responses: {
        200: { description: 'In the order of their creation.', schema: listOf(recipientView, 'Recipients.') },
      },
      errors: ['encryption.key-missing'],
      async handle({ query, principal, db }) {
        const slice = sliceOf(query, (key) => /^\d{1,18}$/.test(key));
        const stretch = await listRecipients(db, keyRing, principal.tenantId, slice);
        return answer(
          200,
          pageOf(stretch, (record) => viewOf(record, principal.tenantZone)),
        );
      },
    }),
    defineRoute({
      method: 'patch',
      path,
      aboutRecipient: 'in-path',
      tag,
      summary: 'Change some of what is known of a recipient',
      description: 'A merge patch (RFC 7396): null removes, absent leaves as it is, lists replace.',
      access: 'notification:write',
      params,
      body: {
        schema: recipientPatch,
        example: { timeZone: 'Asia/Tokyo', attributes: { plan: null } },
        mediaTypes: [JSON_TYPE, MERGE_PATCH_TYPE],
        read: (document) => check(z.record(z.string(), z.unknown()), document),
      },
      responses: { 200: found },
      errors: ['recipient.unknown'],
      async handle({ params: { id }, body: patch, ...call }) {
        const { principal, db } = call;
        const record = await changeRecipient(
          db,
          keyRing,
          principal.tenantId,
          id,
          (current) => {
            const checked = check(bodySchema, mergePatch(documentOf(current), patch));
            if (checked.kind === 'refused') throw invalidRequest(checked.errors);
            return profileOf(checked.value, zones);
          },
          now(),
        );
        if (!record) throw new ApiError('recipient.unknown');
        await moveMessages(call, id);
        return answer(200, viewOf(record, principal.tenantZone));
      },
    }),
    defineRoute({
      method: 'delete',
      path,
      aboutRecipient: 'in-path',
      tag,
      summary: 'Erase a recipient',
      description:
        "Destroys the key of the person's addresses and every other datum. Ledgers keep their counts without a name.",
      access: 'notification:write',
      params,
      responses: {
        202: {
          description: 'The job that erases.',
          schema: jobSchema,
          example: {
            ...jobExample,
            kind: 'erasure',
            progress: { done: 1, total: 1, failed: 0 },
            errorsUrl: null,
            finishedAt: jobExample.createdAt,
          },
          headers: { Location: 'Path of the job.' },
        },
      },
      errors: ['recipient.unknown'],
      async handle({ params: { id }, principal, db }) {
        const at = now();
        const jobId = newId('job', at.getTime());
        const erasure = { jobId, createdBy: principal.actorId };
        const job = await eraseRecipient(db, principal.tenantId, id, erasure, at);
        if (!job) throw new ApiError('recipient.unknown');
        return answer(202, jobView(job), { Location: `/v1/jobs/${jobId}` });
      },
    }),
  ];
}
