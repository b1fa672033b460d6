import type { Readable } from 'node:stream';
import type { Request } from 'express';
import type { z } from 'zod';
import type { Queries } from '../../store/database';
import type { Access } from '../auth/authenticate';
import type { Principal } from '../auth/principal';
import type { ErrorCode } from '../errors/codes';
import { invalidRequest } from '../errors/problem';
import type { Tag } from '../openapi/tags';
import { check } from '../../domain/validation/check';
import type { Checked } from '../../domain/validation/check';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** One answer that a route can give, for the document and for the compiler. Without a schema it has no body. */
export interface ResponseSpec {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly example?: unknown;
  /** `application/json` unless said otherwise. */
  readonly mediaType?: string;
  /** Made while it is sent; `schema` describes it as a text. */
  readonly streamed?: true;
  /** Names and meanings of headers that come with it. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type ResponseSpecs = Readonly<Record<number, ResponseSpec>>;

/** What a handler answers: one of its declared statuses with the body that it declared for it. */
export type Answer<R extends ResponseSpecs> = {
  [S in keyof R & number]: {
    readonly status: S;
    readonly headers?: Readonly<Record<string, string>>;
  } & (R[S] extends { streamed: true }
    ? { readonly body: Readable }
    : R[S] extends { schema: infer Schema extends z.ZodType }
      ? { readonly body: z.input<Schema> }
      : unknown);
}[keyof R & number];

/** Keeps the status a literal, by which the compiler finds the body that was declared for it. */
export function answer<const S extends number, B>(
  status: S,
  body: B,
  headers: Readonly<Record<string, string>> = {},
): { readonly status: S; readonly body: B; readonly headers: Readonly<Record<string, string>> } {
  return { status, body, headers };
}

/** An answer without a body. */
export function emptyAnswer<const S extends number>(status: S): { readonly status: S } {
  return { status };
}

/** How a route reads its body. `schema` describes it; `read` may check more than a schema can. */
export interface BodySpec<B> {
  readonly schema: z.ZodType;
  readonly example: unknown;
  readonly mediaTypes: readonly string[];
  /** How the same document may be sent as `application/x-ndjson`, where more fits into it. */
  readonly lines?: LinesSpec;
  read(document: unknown, caller: Caller): Promise<Checked<B>> | Checked<B>;
}

export interface LinesSpec {
  readonly description: string;
  readonly example: string;
  /** What the parsed lines stand for. */
  document(lines: readonly unknown[]): unknown;
}

/** How a route takes in a body that is too large to be held: it is kept elsewhere before the handler runs. */
export interface UploadSpec<B> {
  /** By what it may be declared as: what it holds, and an example. */
  readonly content: Readonly<Record<string, { readonly description: string; readonly example: string }>>;
  take(req: Request, caller: Caller): Promise<TakenUpload<B>>;
}

export interface TakenUpload<B> {
  readonly value: B;
  /** Hash of the whole body: what a repeated request is known by. */
  readonly digest: string;
  /** Called once the request is over, however it went: drops what no handler has made use of. */
  settle(): Promise<void>;
}

/** Who calls, and the surroundings of this one request. */
export interface Caller {
  readonly principal: Principal;
  /** Of this request: what it causes carries it on (docs/logs.md). */
  readonly correlationId: string;
  /** Postgres as this request sees it: routes know no other, so that all of a write can be one transaction. */
  readonly db: Queries;
}

export interface Call<P, Q, B> extends Caller {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly ifMatch: string | undefined;
  /** Has `effect` run once everything that the request writes is committed. It must not throw. */
  readonly afterCommit: (effect: () => void) => void;
}

interface RouteText {
  readonly method: Method;
  /** As Express writes it: `/v1/recipients/:id`. */
  readonly path: string;
  /** Further paths that answer alike. */
  readonly aliases?: readonly string[];
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** Errors beyond those that every route with such parts has. */
  readonly errors?: readonly ErrorCode[];
  /** Whether the route demands `If-Match`. */
  readonly ifMatch?: boolean;
  /**
   * Where the id of the person stands whom an answer tells of, as the parameter `id` or as `recipient` of the answer:
   * erasing them forgets the answers that are kept of it.
   */
  readonly aboutRecipient?: 'in-path' | 'in-answer';
}

/** One route: everything that routing, validation and the OpenAPI document need, in one place. */
export interface RouteDefinition<P, Q, B, R extends ResponseSpecs> extends RouteText {
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: BodySpec<B>;
  /** Instead of `body`. */
  readonly upload?: UploadSpec<B>;
  readonly responses: R;
  readonly handle: (call: Call<P, Q, B>) => Promise<Answer<R>>;
}

/** What came in, not yet checked. */
export type Incoming = Call<unknown, unknown, unknown>;

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A route whose types were checked where it was defined; the router only runs it. */
export interface Route extends RouteText {
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: Omit<BodySpec<unknown>, 'read'>;
  readonly upload?: UploadSpec<unknown>;
  readonly responses: ResponseSpecs;
  run(incoming: Incoming): Promise<Reply>;
}

export function defineRoute<P, Q, B, const R extends ResponseSpecs>(
  definition: RouteDefinition<P, Q, B, R>,
): Route {
  const { handle: _handle, params, query, body, upload, ...text } = definition;
  return {
    ...text,
    ...(params && { params }),
    ...(query && { query }),
    ...(body && { body }),
    ...(upload && { upload }),
    async run(incoming) {
      const checkedParams = checkPart(params, incoming.params, '/path');
      const checkedQuery = checkPart(query, incoming.query, '/query');
      const checkedBody = body ? await body.read(incoming.body, incoming) : taken<B>(incoming.body);
      const errors = [checkedParams, checkedQuery, checkedBody].flatMap((part) =>
        part.kind === 'refused' ? part.errors : [],
      );
      if (
        checkedParams.kind === 'refused' ||
        checkedQuery.kind === 'refused' ||
        checkedBody.kind === 'refused'
      ) {
        throw invalidRequest(errors);
      }
      return definition.handle({
        ...incoming,
        params: checkedParams.value,
        query: checkedQuery.value,
        body: checkedBody.value,
      });
    },
  };
}

function checkPart<T>(schema: z.ZodType<T> | undefined, value: unknown, base: string): Checked<T> {
  return schema ? check(schema, value, base) : absent<T>();
}

/** A part that the route did not declare: its type was inferred from nothing, and no handler reads it. */
function absent<T>(): Checked<T> {
  return { kind: 'ok', value: undefined as T };
}

/** What the route's own `upload` took in, or nothing: its type is the one that `handle` was compiled against. */
function taken<B>(value: unknown): Checked<B> {
  return { kind: 'ok', value: value as B };
}

/** Whether a route changes anything; a POST that only computes an answer does not. */
export function isWrite({ method, access }: Pick<Route, 'method' | 'access'>): boolean {
  return method !== 'get' && access !== 'public' && access !== 'notification:read';
}

/** A JSON body that a schema alone decides on. */
export function jsonBody<B>(schema: z.ZodType<B>, example: unknown): BodySpec<B> {
  return { schema, example, mediaTypes: [JSON_TYPE], read: (document) => check(schema, document) };
}

export const JSON_TYPE = 'application/json';
export const LINES_TYPE = 'application/x-ndjson';
export const MERGE_PATCH_TYPE = 'application/merge-patch+json';
export const PROBLEM_TYPE = 'application/problem+json';
