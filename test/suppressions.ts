import type { SuppressionReason } from '../domain/delivery/suppression';
import { canonicalAddress } from '../domain/recipient/address';
import type { AddressedChannel } from '../domain/recipient/address';
import { addressHash } from '../platform/address-hash';
import type { KeyRing } from '../platform/crypto';
import { newId } from '../platform/new-id';
import { addressKeyOf } from '../store/address-keys';
import type { Database } from '../store/database';
import { suppress } from '../store/suppressions';

/** Suppresses an address as the API would have done it. */
export async function seedSuppression(
  db: Database,
  keyRing: KeyRing,
  tenantId: number,
  address: string,
  reason: SuppressionReason = 'manual',
  channel: AddressedChannel = 'email',
): Promise<string> {
  const key = await addressKeyOf(db, keyRing, tenantId);
  const id = newId('sup', Date.parse('2026-11-20T12:00:00Z'));
  await suppress(db, tenantId, [
    {
      id,
      channel,
      hash: addressHash(key, canonicalAddress(address)),
      reason,
      source: 'api',
      createdBy: 'test',
      createdAt: new Date('2026-11-20T12:00:00Z'),
    },
  ]);
  return id;
}
