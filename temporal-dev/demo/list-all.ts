import { z } from 'zod';
import type { ApiClient } from './api-client';

const LARGEST_PAGE = '500';

/** Every item of a list of the API, page after page. */
export async function* listAll<T>(api: ApiClient, path: string, item: z.ZodType<T>): AsyncGenerator<T> {
  const answer = z.object({ items: z.array(item), nextCursor: z.string().nullable() });
  let cursor: string | null = '';
  while (cursor !== null) {
    const query = new URLSearchParams({ limit: LARGEST_PAGE, ...(cursor && { cursor }) });
    const route = `${path}?${query.toString()}`;
    const page: z.output<typeof answer> = await api.ask({ method: 'GET', route, answer });
    yield* page.items;
    cursor = page.nextCursor;
  }
}
