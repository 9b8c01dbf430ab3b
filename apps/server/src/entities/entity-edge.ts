import type { ErrorName } from '@windlass/resources/errors';
import type { ApiTask } from '@windlass/resources/api';
import type { z } from 'zod';
import type { ApiPlan, ApiResourceView } from './plan-shapes.ts';
import type { Claim } from '@windlass/resources/store';
import type { ServerDeps } from '../core/deps.ts';
import type { Reach } from '../core/door/reach.ts';
import type { Body } from '../core/wire-body.ts';
import type { QueryFields, QueryOf } from '../core/wire-query.ts';
import type { TenantRules } from './own-tenant.ts';
import type { EntityTasks } from './task-routes.ts';
import type { TaskRecord } from '@windlass/resources/tasks';

/** An entity as it is shown: with the revision of its spec, for `ETag` and `If-Match`. */
export interface Shown {
  readonly revision?: string | undefined;
}

/** What was accepted, before it is shown. */
export interface Opened {
  readonly task: TaskRecord;
}

/** What belongs into the transaction that accepts, so that it happens once. */
export type AlsoOpened<Accepted extends Opened> = (accepted: Accepted) => Claim;

/** The types that differ from one sort of entity to another. */
export interface EntityTypes {
  readonly summary: unknown;
  readonly view: Shown;
  readonly create: unknown;
  readonly update: unknown;
  readonly accepted: Opened;
}

/** A change of the spec of one entity. */
export interface Change<Update, Query> {
  readonly id: string;
  readonly body: Update;
  readonly query: Query;
  /** The revision the client has seen, as an entity tag or bare. */
  readonly ifMatch: string | undefined;
}

/** The query parameters of each call; what is not named is not there. */
export interface EntityQueries {
  readonly list: QueryFields;
  readonly get: QueryFields;
  readonly update: QueryFields;
  readonly delete: QueryFields;
}

/**
 * What the routes of a sort of entity need of it: how it is read and shown, and how a change of it is accepted. Paths,
 * names of operations, entity tags and idempotency are the same of all.
 */
export interface EntityEdge<T extends EntityTypes, Q extends EntityQueries> extends EntityTasks {
  readonly queries: Q;
  readonly bodies: { readonly create: Body<T['create']>; readonly update: Body<T['update']> };
  readonly answers: {
    /** `{ <plural>: [] }` */
    readonly list: z.ZodType<Readonly<Record<string, readonly T['summary'][]>>>;
    readonly view: z.ZodType<T['view']>;
    /** `{ task, <noun> }`, of a create and of an update. */
    readonly accepted: z.ZodType<AcceptedAnswer<T['view']>>;
    readonly deleted: z.ZodType<{ task: ApiTask }>;
  };
  /** What each may be refused with, beside what a missing or broken one is. */
  readonly errors: Readonly<Record<'create' | 'update' | 'delete' | 'plan' | 'resources', readonly ErrorName[]>>;

  /** Of which tenant what is sent is; absent: its entities are of no tenant, and only for logins that reach everything. */
  readonly tenants?: TenantRules<T['create'], T['update']>;

  /** Those that are reached. */
  list(deps: ServerDeps, query: QueryOf<Q['list']>, reach: Reach): Promise<readonly T['summary'][]>;
  /** Throws `not_found`. */
  read(deps: ServerDeps, id: string, query: QueryOf<Q['get']>): Promise<T['view']>;
  /** How what is accepted of it is shown. It is asked before; `id` is absent when there is none yet. */
  viewer(deps: ServerDeps, id?: string): Promise<(accepted: T['accepted']) => T['view']>;
  acceptCreate(deps: ServerDeps, wanted: T['create'], also: AlsoOpened<T['accepted']>): Promise<T['accepted']>;
  acceptUpdate(
    deps: ServerDeps,
    change: Change<T['update'], QueryOf<Q['update']>>,
    also: AlsoOpened<T['accepted']>,
  ): Promise<T['accepted']>;
  acceptDelete(deps: ServerDeps, id: string, query: QueryOf<Q['delete']>): Promise<TaskRecord>;
  /** What a create would do; changes nothing. */
  planCreate(deps: ServerDeps, wanted: T['create']): Promise<ApiPlan>;
  /** What an update would do; changes nothing. */
  planUpdate(deps: ServerDeps, id: string, wanted: T['update']): Promise<ApiPlan>;
  /** Everything it has, as stored and as found. Throws `not_found`. */
  resources(deps: ServerDeps, id: string): Promise<ApiResourceView[]>;
  /** Where the wire contract, or a name that is older, asks for something else than what new ones get. */
  readonly odd?: NonNullable<EntityTasks['odd']> & { readonly resourcesOperation?: string };
}

/** The task of a change, and under the noun of its sort the entity. */
export type AcceptedAnswer<View> = { readonly task: ApiTask } & Readonly<Record<string, ApiTask | View>>;
