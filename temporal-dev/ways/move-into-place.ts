import { existsSync, renameSync } from 'node:fs';

/** Two starts may make the same thing at once; whoever comes second leaves the first one's in place. */
export function moveIntoPlace(made: string, place: string): void {
  try {
    renameSync(made, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  }
}
