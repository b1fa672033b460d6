import { z } from 'zod';
import type { ApiClient } from './api-client';
import { concurrently } from './concurrently';
import type { DemoPerson } from './people';

/** Keeps the API busy without queueing in it. */
const AT_ONCE = 16;

/** Puts every person; `onPut` hears how many are in. Stops between two of them when interrupted. */
export async function putPeople(
  api: ApiClient,
  people: readonly DemoPerson[],
  interrupted: AbortSignal,
  onPut: (done: number) => void,
): Promise<void> {
  let done = 0;
  onPut(done);
  await concurrently(people, AT_ONCE, async ({ id, profile }) => {
    interrupted.throwIfAborted();
    await api.ask({ method: 'PUT', route: `/v1/recipients/${id}`, answer: z.unknown(), body: profile });
    onPut(++done);
  });
}
