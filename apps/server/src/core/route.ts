import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorName } from '@windlass/resources/errors';
import type { z } from 'zod';
import type { ServerDeps } from './deps.ts';
import type { Needs } from './door/needs.ts';
import type { Reach, Reaches } from './door/reach.ts';
import type { Body } from './wire-body.ts';
import type { PathNames, PathOf, ReadPart } from './wire-path.ts';
import type { QueryFields, QueryOf } from './wire-query.ts';

/** A request as its route declares it: everything in it was read and checked. */
export interface Call<U extends string, Q extends QueryFields, B> {
  readonly deps: ServerDeps;
  readonly params: PathOf<U>;
  readonly query: QueryOf<Q>;
  readonly body: B;
  /** What its login reaches. */
  readonly reach: Reach;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** One endpoint, of which the compiler knows the path `U`, the query `Q`, the body `B` and the answer `A`. */
export interface RouteOf<U extends string, Q extends QueryFields, B, A> {
  readonly operationId: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: U;
  /** Heading in the documentation. */
  readonly tag: string;
  readonly summary: string;
  /** Who may call it. */
  readonly needs: Needs;
  /** What of whom it is about: a login may be limited to tenants. */
  readonly reaches: Reaches;
  /** Works before the cluster is initialised, too. */
  readonly beforeInit?: boolean;
  /** It has no line of its own unless it writes something: a plan, which changes nothing; a join, which whoever lets in writes down. */
  readonly unaudited?: boolean;
  /** Pages of Temporal's UI may ask it, where the server knows their origin. */
  readonly forTemporalUi?: boolean;
  /** Between servers and hosts; not in the documentation. */
  readonly internal?: boolean;
  /** Path parameters that are read otherwise than their names say. */
  readonly path?: Readonly<Partial<Record<string extends U ? string : PathNames<U>, ReadPart>>>;
  readonly query?: Q;
  readonly body?: Body<B>;
  /** What it answers; absent: nothing, which is 204. */
  readonly response?: z.ZodType<A>;
  /** What it may be refused with, beside what every such route may: see `errorsOf`. */
  readonly errors: readonly ErrorName[];
  handle(call: Call<U, Q, B>): Promise<NoInfer<A>>;
}

/** Any endpoint. */
export type Route = RouteOf<string, QueryFields, unknown, unknown>;

/** A parameter of a path; any name where the compiler knows of none. */
type PartOf<U extends string> = [PathNames<U>] extends [never] ? string : PathNames<U>;

/** Declares an endpoint. Its file has the name of its operation id. */
export const defineRoute = <
  const U extends string,
  Q extends QueryFields = Record<never, never>,
  B = undefined,
  A = void,
>(
  route: RouteOf<U, Q, B, A> & { readonly reaches: Reaches<PartOf<U>> },
): RouteOf<U, Q, B, A> => route;
