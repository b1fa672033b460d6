import { z } from 'zod';
import { newId } from '../../platform/new-id';
import {
  archiveSegment,
  changeSegment,
  createSegment,
  findSegment,
  listSegments,
} from '../../store/segments';
import type { SegmentChange, SegmentRecord, SegmentUser } from '../../store/segments';
import { excessError } from '../audience/read';
import { audienceQueryShown, namesIn } from '../audience/show';
import type { RouteDeps } from '../deps';
import { ApiError, invalidRequest } from '../errors/problem';
import { acceptedVersions, etagOf, staleVersion } from '../http/etag';
import { idParameter, isId } from '../http/id';
import { listOf, listQuery, pageOf, sliceOf } from '../http/list';
import { mergePatch } from '../http/merge-patch';
import { answer, defineRoute, emptyAnswer, JSON_TYPE, jsonBody, MERGE_PATCH_TYPE } from '../http/route';
import type { Call, Caller, Route } from '../http/route';
import { check } from '../../domain/validation/check';
import { readSegment, segmentBodySchema, segmentExample, segmentView, viewOf } from './schema';

const document = z.record(z.string(), z.unknown());

/** Named audiences, which queries ask for by `{ "segment": id }`. */
export function segmentRoutes({ clock, zones }: RouteDeps): Route[] {
  const params = idParameter('segment');
  const tag = 'Segments';
  const path = '/v1/segments/:id';
  const etagHeader = { ETag: 'Version of the segment.' };
  const found = { description: 'The segment.', schema: segmentView, headers: etagHeader };
  const now = (): Date => new Date(clock());

  type ChangeCall = Call<{ id: string }, unknown, Record<string, unknown>>;

  /** What is wanted is judged under the lock of the change, so that it is asked for what is there by then. */
  async function change(call: ChangeCall, wanted: (current: SegmentRecord) => Promise<unknown>) {
    const { db, principal, params: asked } = call;
    const accepts = acceptedVersions(call.ifMatch);
    const outcome = await changeSegment(
      db,
      principal.tenantId,
      asked.id,
      accepts,
      async (current, within) => {
        const checked = await readSegment(zones, await wanted(current), { principal, db: within });
        if (checked.kind === 'refused') throw invalidRequest(checked.errors);
        return checked.value;
      },
      now(),
    );
    const record = resultOf(outcome);
    return answer(200, viewOf(record, await namesIn(call, [record.condition])), {
      ETag: etagOf(record.version),
    });
  }

  const changing = {
    tag,
    path,
    access: 'notification:write',
    params,
    ifMatch: true,
    responses: { 200: found },
    errors: ['segment.unknown'],
  } as const;

  return [
    defineRoute({
      method: 'post',
      path: '/v1/segments',
      tag,
      summary: 'Create a segment',
      access: 'notification:write',
      body: {
        schema: segmentBodySchema,
        example: segmentExample,
        mediaTypes: [JSON_TYPE],
        read: (body, call) => readSegment(zones, body, call),
      },
      responses: {
        201: {
          description: 'Created.',
          schema: segmentView,
          headers: { ...etagHeader, Location: 'Path of the segment.' },
        },
      },
      async handle({ body, ...call }) {
        const at = now();
        const id = newId('seg', at.getTime());
        const { tenantId, actorId } = call.principal;
        const record = await createSegment(call.db, tenantId, id, body, actorId, at);
        const headers = { Location: `/v1/segments/${id}`, ETag: etagOf(record.version) };
        return answer(201, viewOf(record, await namesIn(call, [record.condition])), headers);
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/segments',
      tag,
      summary: 'List segments',
      access: 'notification:read',
      query: z.strictObject(listQuery),
      responses: {
        200: {
          description: 'Newest first, without archived ones.',
          schema: listOf(segmentView, 'Segments.'),
        },
      },
      async handle({ query, ...call }) {
        const stretch = await listSegments(call.db, call.principal.tenantId, sliceOf(query, isId('seg')));
        const names = await namesIn(
          call,
          stretch.items.map(({ condition }) => condition),
        );
        return answer(
          200,
          pageOf(stretch, (record) => viewOf(record, names)),
        );
      },
    }),
    defineRoute({
      method: 'get',
      path,
      tag,
      summary: 'Read a segment',
      access: 'notification:read',
      params,
      responses: { 200: found },
      errors: ['segment.unknown'],
      async handle({ params: { id }, ...call }) {
        const record = await findSegment(call.db, call.principal.tenantId, id);
        if (!record) throw new ApiError('segment.unknown');
        const view = viewOf(record, await namesIn(call, [record.condition]));
        return answer(200, view, { ETag: etagOf(record.version) });
      },
    }),
    defineRoute({
      ...changing,
      method: 'put',
      summary: 'Replace a segment',
      description: 'Whoever uses it asks for the new one from the next page of people on.',
      body: { ...jsonBody(document, segmentExample), schema: segmentBodySchema },
      handle: (call) => change(call, () => Promise.resolve(call.body)),
    }),
    defineRoute({
      ...changing,
      method: 'patch',
      summary: 'Change some of a segment',
      description: 'A merge patch (RFC 7396): null removes, absent leaves as it is, lists replace.',
      body: {
        schema: document.meta({ id: 'SegmentPatch', description: 'A merge patch.' }),
        example: { name: 'Loyal in Austria and Germany', query: { country: null, countryIn: ['AT', 'DE'] } },
        mediaTypes: [JSON_TYPE, MERGE_PATCH_TYPE],
        read: (patch) => check(document, patch),
      },
      handle: (call) =>
        change(call, async (current) => mergePatch(await documentOf(call, current), call.body)),
    }),
    defineRoute({
      method: 'delete',
      path,
      tag,
      summary: 'Archive a segment',
      description: 'It stays readable. While a schedule or another segment asks for it, it cannot be.',
      access: 'notification:write',
      params,
      responses: { 204: { description: 'Archived.' } },
      errors: ['segment.unknown', 'segment.in-use'],
      async handle({ params: { id }, principal, db }) {
        const outcome = await archiveSegment(db, principal.tenantId, id, now());
        switch (outcome.kind) {
          case 'archived':
            return emptyAnswer(204);
          case 'unknown':
            throw new ApiError('segment.unknown');
          case 'in-use':
            throw new ApiError('segment.in-use', `It is used by ${listed(outcome.users)}.`);
        }
      },
    }),
  ];
}

async function documentOf(call: Caller, { name, query, condition }: SegmentRecord): Promise<unknown> {
  const names = await namesIn(call, [condition]);
  return { name, query: audienceQueryShown(query, condition, names) };
}

function resultOf(change: SegmentChange): SegmentRecord {
  switch (change.kind) {
    case 'changed':
      return change.record;
    case 'stale':
      throw staleVersion(change.version);
    case 'unknown':
      throw new ApiError('segment.unknown');
    case 'excess':
      throw invalidRequest([excessError(change.excess, '/query', change.user && listed([change.user]))]);
  }
}

const MOST_LISTED = 10;

function listed(users: readonly SegmentUser[]): string {
  const shown = users.slice(0, MOST_LISTED).map(({ kind, id, name }) => `${kind} ${id} (${name})`);
  const more = users.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
