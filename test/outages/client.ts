import { z } from 'zod';
import type { OwnApi, OwnStack } from '../../temporal-dev/house/own-stack';

export interface Answer {
  readonly status: number;
  readonly mediaType: string | null;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read the JSON of many routes
  readonly body: any;
}

/** Whatever is away: an answer that takes longer is a request that hangs. */
const WITHIN_MS = 20_000;

/** A request with the administrator's key. */
export async function call(
  { adminKey }: Pick<OwnStack, 'adminKey'>,
  { url }: Pick<OwnApi, 'url'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(WITHIN_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    mediaType: response.headers.get('content-type'),
    body: text === '' ? undefined : JSON.parse(text),
  };
}

const readiness = z.object({ down: z.array(z.string()) });

/** The parts that `/readyz` says are down, and its status. */
export async function readinessOf({ url }: Pick<OwnApi, 'url'>): Promise<{ status: number; down: string[] }> {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, ...readiness.parse(await response.json()) };
}
