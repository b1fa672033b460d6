import type { ChannelName } from '../domain/delivery/channel';
import type { SuppressionReason } from '../domain/delivery/suppression';
import type { PersonRow } from '../store/audience';
import type { Database } from '../store/database';
import { suppressedAmong } from '../store/suppressions';
import type { Addresses } from './addresses';

/** Why each of these people is not written to on the channel, by rid; who may be written to is missing. */
export async function suppressionsOf(
  db: Database,
  tenantId: number,
  channel: ChannelName,
  addresses: Addresses,
  people: readonly PersonRow[],
): Promise<ReadonlyMap<string, SuppressionReason>> {
  const hashes = people.flatMap((person) => {
    const address = addresses.of(person, channel);
    return address.kind === 'address' ? [{ rid: person.rid, hash: address.hash }] : [];
  });
  if (hashes.length === 0) return new Map();
  const reasons = await suppressedAmong(
    db,
    tenantId,
    channel,
    hashes.map(({ hash }) => hash),
  );
  if (reasons.size === 0) return new Map();
  return new Map(
    hashes.flatMap(({ rid, hash }) => {
      const reason = reasons.get(hash.toString('hex'));
      return reason === undefined ? [] : [[rid, reason] as const];
    }),
  );
}
