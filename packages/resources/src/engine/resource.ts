import type { z } from 'zod';
import { entityKey, type EntityRef } from './entity-ref.ts';
import type { FormMigration } from './present-form.ts';

/** Where a step has to run. Resolved to a Temporal task queue just before the step. */
export type Executor =
  | { readonly on: 'any' }
  | { readonly on: 'manager' }
  | { readonly on: 'host'; readonly hostId: string }
  | { readonly on: 'primary'; readonly node: string };

declare const statusType: unique symbol;
/**
 * The address of a resource, printed `kind::id`, and `database/shop/kind::id` when it is one of another entity. `S` is phantom:
 * the type of the target's status.
 */
export interface Ref<S = unknown> {
  readonly kind: string;
  readonly id: string;
  /** Whose it is, when it is another entity's: only dependencies name such a resource. */
  readonly of?: EntityRef;
  readonly [statusType]?: S;
}

export type RefKey = `${string}::${string}`;
/** Its key among the resources of its own entity. */
export const localKey = ({ kind, id }: Ref): RefKey => `${kind}::${id}`;
export const refKey = ({ kind, id, of }: Ref): RefKey => `${of ? `${entityKey(of)}/` : ''}${kind}::${id}`;

/**
 * `output: true` means: run again when the target's status changed. Otherwise only the order counts.
 * Dependencies with the same `anyOf` are alternatives: one of them is enough.
 */
export interface Dependency {
  readonly ref: Ref;
  readonly output?: boolean;
  readonly anyOf?: string;
}

/** What `refresh` found. `drift` names the fields in which the world differs from the spec last applied. */
export interface Observed<Status> {
  readonly status: Status;
  readonly drift: readonly string[];
  /** What a change of it costs others, in sentences. */
  readonly notes?: readonly string[];
}

/** What a lifecycle method may use. `C` is the set of clients; the engine does not know what is in it. */
export interface Context<C> {
  readonly clients: C;
  /** Who owns what is created: the entity (for instance a database) and the ref, for labels. */
  readonly owner: Owner;
  /** Aborted on cancellation, worker shutdown and timeout; every wait must honour it. */
  readonly signal: AbortSignal;
  /** Says in a few words what is going on; shown as the activity's heartbeat. */
  progress(note: string): void;
  /** Writes a sentence into the log of the task. Nothing where there is no task. */
  tell(sentence: string): Promise<void>;
  /** The stored status of a dependency, also of one of another entity. Throws when it has none yet. */
  status<S>(ref: Ref<S>): S;
}

export interface Owner {
  readonly entity: EntityRef;
  readonly tenantId?: string | undefined;
  readonly ref: Ref;
}

/** Stored together: what was asked for last, and what the world answered. */
export interface Prior<Spec, Status> {
  readonly spec: Spec;
  /** Absent when a create was begun and never finished. */
  readonly status?: Status | undefined;
}

export interface ResourceDefinition<C, K extends string, S extends z.ZodType, T extends z.ZodType> {
  /** Lower-case, dotted, stable for ever. */
  readonly kind: K;
  /** Version of the stored shape. */
  readonly version: number;
  /** From each version to the next, the first from version 1: one fewer than `version`. */
  readonly migrations?: readonly FormMigration[];
  /** Desired: what plans compare. Never holds a secret, only names of secrets. */
  readonly spec: S;
  /** Observed: what only the world knows. */
  readonly status: T;
  /** Top-level fields of the spec that cannot be changed in place: a change replaces the resource. */
  readonly immutable?: readonly string[];
  id(spec: z.output<S>): string;
  executor(spec: z.output<S>): Executor;
  dependsOn?(spec: z.output<S>): readonly Dependency[];
  /** A create or update may take hours, as long as something goes on: it fails by itself when nothing does. */
  readonly slow?: true;
  /** Where a delete may run as well when its own host is away. */
  readonly deletableAt?: 'any' | 'manager';
  /** True when changing from one spec to the other replaces the resource, though its fields can be changed in place otherwise. */
  replaces?(before: z.output<S>, after: z.output<S>): boolean;
  /** True when changing from one spec to the other interrupts what the resource does for its users. */
  interrupts?(before: z.output<S>, after: z.output<S>): boolean;
  /** Kinds of what it uses whose change interrupts it, too, as their output becomes another one. */
  readonly interruptedBy?: readonly string[];
  /** True when the member in charge of a rolling group has to go first, not last, as the others can only follow. */
  leads?(before: z.output<S>, after: z.output<S>): boolean;
  /** The resource that holds this one: when the container is deleted, so is this, without a step of its own. */
  within?(spec: z.output<S>): Ref | undefined;
  /** Reads the world; changes nothing. `undefined` means absent. */
  refresh(prior: Prior<z.output<S>, z.output<T>>, context: Context<C>): Promise<Observed<z.output<T>> | undefined>;
  /** Safe to repeat: observes first and adopts what is ours. */
  create(spec: z.output<S>, context: Context<C>): Promise<z.output<T>>;
  /** Absent means: every change replaces. `prior.spec` is what was applied last. */
  update?(spec: z.output<S>, prior: Prior<z.output<S>, z.output<T>>, context: Context<C>): Promise<z.output<T>>;
  /** Safe to repeat; absence is success. */
  delete(prior: Prior<z.output<S>, z.output<T>>, context: Context<C>): Promise<void>;
}

export interface Resource<C, K extends string, S extends z.ZodType, T extends z.ZodType> extends ResourceDefinition<
  C,
  K,
  S,
  T
> {
  ref(id: string): Ref<z.output<T>>;
  /** One desired resource: the spec, parsed, with everything the planner needs. */
  want(spec: z.input<S>): Desired;
}

/** A resource as `compose` wants it; plain data. */
export interface Desired {
  readonly ref: Ref;
  readonly version: number;
  readonly spec: unknown;
  readonly executor: Executor;
  readonly dependsOn: readonly Dependency[];
  readonly within?: Ref | undefined;
  /** Wanted, but nothing can be done about it now: it gets no step, and is not deleted. */
  readonly paused?: boolean;
  /** It does not run: nothing can be done about what lies within it, neither a change nor a delete. */
  readonly stopped?: boolean;
  /** Changes of a group are made one member at a time; who is in charge of the group comes last. */
  readonly rolling?: { readonly group: string; readonly member: string } | undefined;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a registry holds kinds of different shapes; parse() restores the types
export type AnyResource<C> = Resource<C, string, any, any>;

/** `defineResource` for one set of clients. */
export function resourceFactory<C>() {
  return function defineResource<const K extends string, S extends z.ZodType, T extends z.ZodType>(
    definition: ResourceDefinition<C, K, S, T>,
  ): Resource<C, K, S, T> {
    const ref = (id: string): Ref<z.output<T>> => ({ kind: definition.kind, id });
    const want = (input: z.input<S>): Desired => {
      const spec = definition.spec.parse(input);
      return {
        ref: ref(definition.id(spec)),
        version: definition.version,
        spec,
        executor: definition.executor(spec),
        dependsOn: definition.dependsOn?.(spec) ?? [],
        within: definition.within?.(spec),
      };
    };
    return Object.freeze({ ...definition, ref, want });
  };
}
