import type { Response } from 'express';

/** What is known of a request while it is answered: for the log line, the metrics and the problem document. */
export interface RequestState {
  readonly correlationId: string;
  /** Pattern of the route, such as `/v1/recipients/:id`: the path itself may hold an address. */
  route: string | null;
  tenantId: number | null;
  actorId: string | null;
  /** Code of the error that was answered. */
  errorCode: string | null;
}

const states = new WeakMap<Response, RequestState>();

export function beginRequest(res: Response, correlationId: string): RequestState {
  const state: RequestState = { correlationId, route: null, tenantId: null, actorId: null, errorCode: null };
  states.set(res, state);
  return state;
}

export function stateOf(res: Response): RequestState {
  const state = states.get(res);
  if (!state) throw new Error('The request was not begun.');
  return state;
}
