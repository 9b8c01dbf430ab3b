import type { Executor, Ref } from './resource.ts';

export const ACTIONS = ['create', 'update', 'replace', 'delete'] as const;
export type Action = (typeof ACTIONS)[number];

export const REASONS = [
  'missing',
  'drifted',
  'spec_changed',
  'immutable_changed',
  'change_replaces',
  'dependency_changed',
  'previous_attempt_failed',
  'requested',
  'not_desired',
] as const;
export type Reason = (typeof REASONS)[number];

export interface Step {
  readonly action: Action;
  readonly ref: Ref;
  readonly reason: Reason;
  /** Which fields of the spec differ; empty for create and delete. */
  readonly fields: readonly string[];
  readonly executor: Executor;
  /** Positions in the plan of the steps that must be done before this one. */
  readonly after: readonly number[];
  /** Of each group of alternatives one has to be done: an alternative is done when all its steps are. */
  readonly afterAny?: readonly Alternatives[];
  /** It interrupts what the resource does for its users. */
  readonly interrupts?: true;
}

/** Sets of positions in the plan; one of the sets is enough. */
export type Alternatives = readonly (readonly number[])[];

/** Steps in a stable order: every `after` points backwards. Equal inputs give equal plans. */
export interface Plan {
  readonly steps: readonly Step[];
  /** What there is to do in something that is stopped: it is left for when that runs again. */
  readonly waiting?: readonly Step[];
  /** What is worth knowing beforehand, in sentences. */
  readonly notes?: readonly string[];
}

/** What a refresh found out of order; resources that are as stored are not listed. */
export interface Finding {
  readonly ref: Ref;
  readonly missing: boolean;
  readonly drift: readonly string[];
  /** Why it could not be observed (host away, Postgres stopped). The planner then trusts what is stored. */
  readonly unreachable?: string;
  /** What a change of it costs others, in sentences. */
  readonly notes?: readonly string[];
}

export type { Executor, Ref } from './resource.ts';
export { refKey } from './resource.ts';
