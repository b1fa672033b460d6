import type { z } from 'zod';
import { problemText } from './problem-text';

const ANSWER_WITHIN_MS = 30_000;

/** The API did not answer, or said that it cannot for now: asking again later may help. */
export class ApiAway extends Error {
  override readonly name = 'ApiAway';
}

/** The API answered with a problem. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

interface ApiRequest<T> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly route: string;
  /** What the answer must hold; more is ignored. */
  readonly answer: z.ZodType<T>;
  readonly body?: object;
  /** The version that a change is meant for. */
  readonly ifVersion?: number;
}

export interface ApiClient {
  /** @throws ApiAway, or ApiRefusal with the problem's detail. */
  ask<T>(request: ApiRequest<T>): Promise<T>;
}

export function createApiClient(api: string, key: string): ApiClient {
  return {
    async ask({ method, route, answer, body, ifVersion }) {
      const { status, text } = await call(`${api}${route}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body && { 'content-type': 'application/json' }),
          ...(ifVersion !== undefined && { 'if-match': `"${ifVersion}"` }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const refusal = `${method} ${route} was answered with ${problemText(status, text)}`;
      if (status === 503) throw new ApiAway(refusal);
      if (status >= 400) throw new ApiRefusal(refusal, status);
      return answer.parse(text === '' ? null : JSON.parse(text));
    },
  };
}

async function call(url: string, request: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new ApiAway(`${url} does not answer`, { cause: error });
  }
}
