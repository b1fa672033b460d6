import { addressOf, seedPeople, zoneOf } from '../../bench/people';
import type { World } from '../world/world';

/** Puts the people of a round into Postgres. */
export function seedCrowd({ db, stack }: Pick<World, 'db' | 'stack'>, people: number): Promise<void> {
  return seedPeople(
    db,
    stack.keyRing,
    people,
    (n) => ({ id: idOf(n), zone: zoneOf(n), email: addressOf(n), attributes: {} }),
    () => undefined,
  );
}

function idOf(n: number): string {
  return `person-${n}`;
}

/** The address of whom the API knows by that id. */
export function addressOfId(id: string): string {
  return addressOf(Number(id.slice('person-'.length)));
}
