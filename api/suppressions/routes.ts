import { z } from 'zod';
import type { AddressedChannel } from '../../domain/recipient/address';
import { ADDRESSED_CHANNELS, canonicalAddress } from '../../domain/recipient/address';
import { addressHash } from '../../platform/address-hash';
import type { AddressHash } from '../../platform/address-hash';
import { newId } from '../../platform/new-id';
import { addressKeyOf } from '../../store/address-keys';
import {
  findSuppression,
  findSuppressionOf,
  liftSuppression,
  listSuppressions,
  suppress,
} from '../../store/suppressions';
import type { NewSuppression } from '../../store/suppressions';
import type { SuppressionReason } from '../../domain/delivery/suppression';
import type { RouteDeps } from '../deps';
import { ApiError } from '../errors/problem';
import { idParameter, isId } from '../http/id';
import { listOf, listQuery, pageOf, sliceOf } from '../http/list';
import { answer, defineRoute, emptyAnswer, jsonBody } from '../http/route';
import type { Caller, Route } from '../http/route';
import {
  batchBody,
  lookupBody,
  suppressionAnswer,
  suppressionBody,
  suppressionExample,
  suppressionView,
  viewOf,
} from './schema';

interface Wanted {
  readonly channel: AddressedChannel;
  readonly address: string;
  readonly reason: SuppressionReason;
}

/** Addresses that a channel writes to no more (semantics.md "Delivery"). They come in, and never out again. */
export function suppressionRoutes({ clock, keyRing }: RouteDeps): Route[] {
  const tag = 'Suppressions';
  const params = idParameter('suppression');

  async function hashes({ db, principal }: Caller): Promise<(address: string) => AddressHash> {
    const key = await addressKeyOf(db, keyRing, principal.tenantId);
    return (address) => addressHash(key, canonicalAddress(address));
  }

  async function add(call: Caller, wanted: readonly Wanted[]) {
    const { db, principal } = call;
    const hashOf = await hashes(call);
    const now = clock();
    const fresh = wanted.map(({ channel, address, reason }): NewSuppression => ({
      id: newId('sup', now),
      channel,
      hash: hashOf(address),
      reason,
      source: 'api',
      createdBy: principal.actorId,
      createdAt: new Date(now),
    }));
    const held = await suppress(db, principal.tenantId, fresh);
    return held.map((record, index) => ({ record, made: record.id === fresh[index]?.id }));
  }

  return [
    defineRoute({
      method: 'post',
      path: '/v1/suppressions',
      tag,
      summary: 'Write to an address no more',
      description:
        'On that channel nobody with this address is sent anything, transactional messages included. An address that ' +
        'is suppressed already stays as it is, with its first reason.',
      access: 'notification:write',
      body: jsonBody(suppressionBody, suppressionExample),
      responses: {
        200: { description: 'It was suppressed before.', schema: suppressionView },
        201: {
          description: 'Suppressed.',
          schema: suppressionView,
          headers: { Location: 'Path of the suppression.' },
        },
      },
      errors: ['encryption.key-missing'],
      async handle({ body, ...call }) {
        const [added] = await add(call, [body]);
        if (!added) throw new Error('Nothing became of the suppression.');
        const view = viewOf(added.record);
        if (!added.made) return answer(200, view);
        return answer(201, view, { Location: `/v1/suppressions/${view.id}` });
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/suppressions/batch',
      tag,
      summary: 'Write to many addresses no more',
      description: 'All of them or, when one is wrong, none. At most 1,000 at once.',
      access: 'notification:write',
      body: jsonBody(batchBody, {
        suppressions: [suppressionExample, { channel: 'sms', address: '+4915112345678' }],
      }),
      responses: {
        200: {
          description: 'What holds of each, in their order; one that was there before as it was.',
          schema: z
            .strictObject({ items: z.array(suppressionView) })
            .meta({ examples: [{ items: [suppressionAnswer] }] }),
        },
      },
      errors: ['encryption.key-missing'],
      async handle({ body: { suppressions }, ...call }) {
        const added = await add(call, suppressions);
        return answer(200, { items: added.map(({ record }) => viewOf(record)) });
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/suppressions/lookup',
      tag,
      summary: 'Ask whether an address is suppressed',
      description: 'A POST, because addresses do not belong into URLs. It writes nothing.',
      access: 'notification:read',
      body: jsonBody(lookupBody, { channel: 'email', address: 'ada@example.com' }),
      responses: {
        200: {
          description: 'The suppression, or null.',
          schema: z
            .strictObject({ suppression: suppressionView.nullable() })
            .meta({ examples: [{ suppression: suppressionAnswer }] }),
        },
      },
      errors: ['encryption.key-missing'],
      async handle({ body: { channel, address }, ...call }) {
        const hashOf = await hashes(call);
        const found = await findSuppressionOf(call.db, call.principal.tenantId, channel, hashOf(address));
        return answer(200, { suppression: found && viewOf(found) });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/suppressions',
      tag,
      summary: 'List suppressions',
      description: 'They do not say which address: nobody knows it any more.',
      access: 'notification:read',
      query: z.strictObject({ ...listQuery, channel: z.enum(ADDRESSED_CHANNELS).optional() }),
      responses: {
        200: { description: 'Newest first.', schema: listOf(suppressionView, 'Suppressions.') },
      },
      async handle({ query, principal, db }) {
        const slice = sliceOf(query, isId('sup'));
        const stretch = await listSuppressions(db, principal.tenantId, query.channel ?? null, slice);
        return answer(200, pageOf(stretch, viewOf));
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/suppressions/:id',
      tag,
      summary: 'Read a suppression',
      access: 'notification:read',
      params,
      responses: { 200: { description: 'The suppression.', schema: suppressionView } },
      errors: ['suppression.unknown'],
      async handle({ params: { id }, principal, db }) {
        const record = await findSuppression(db, principal.tenantId, id);
        if (!record) throw new ApiError('suppression.unknown');
        return answer(200, viewOf(record));
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/v1/suppressions/:id',
      tag,
      summary: 'Write to an address again',
      description: 'From the next message on; what was refused meanwhile stays refused.',
      access: 'notification:write',
      params,
      responses: { 204: { description: 'Lifted.' } },
      errors: ['suppression.unknown'],
      async handle({ params: { id }, principal, db }) {
        if (!(await liftSuppression(db, principal.tenantId, id))) throw new ApiError('suppression.unknown');
        return emptyAnswer(204);
      },
    }),
  ];
}
