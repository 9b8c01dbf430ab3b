import type { Clients } from '@windlass/resources/postgres/clients';
import type { Desired, EntityRef, Finding, Plan, Step } from '@windlass/resources/engine';
import type { Kv, KvWrite } from '@windlass/resources/store';
import type { ResourceRecord } from '@windlass/resources/records';

/** What the hooks may use. */
export interface WorkDeps {
  readonly kv: Kv;
  readonly clients: Clients;
}

/** Which of its specs: the one a task was accepted for, or one that was only proposed. */
export type Declared = { readonly revision: number } | { readonly proposalId: string };

/** What an entity is to become, and what it has. */
export interface Wanted {
  readonly declared: Declared;
  readonly current: readonly ResourceRecord[];
  /** What an upgrade asks for. */
  readonly image?: string | undefined;
}

/** A plan as far as it is made. */
export interface Planned {
  readonly steps: readonly Step[];
  readonly desired: readonly Desired[];
  /** What hosts that answered found. */
  readonly looked: readonly Finding[];
  /** By rolling group. */
  readonly inCharge: ReadonlyMap<string, string>;
}

/** What a plan leads from, and what to. */
export interface Around {
  readonly desired: readonly Desired[];
  readonly current: readonly ResourceRecord[];
}

/** What there is to say of a plan: `notes` beside its sentences, `told` of them in the log of the task as well. */
export interface PlanNotes {
  readonly notes: readonly string[];
  readonly told: readonly string[];
}

/** What is particular to changing entities of one kind. Only what is wanted of one has to be told; the rest is where there is more. */
export interface EntityWork {
  readonly kind: string;
  /** Every resource it needs as it is declared. Throws `not_found`, `revision_conflict`. */
  desired(deps: WorkDeps, entity: EntityRef, wanted: Wanted): Promise<readonly Desired[]>;
  /** Hosts that a proposed spec names. */
  proposedHosts?(kv: Kv, proposalId: string): Promise<readonly string[]>;
  /** Of every rolling group the member whose turn comes last. */
  inCharge?(deps: WorkDeps, desired: readonly Desired[]): Promise<ReadonlyMap<string, string>>;
  notes?(planned: Planned): PlanNotes;
  /** What a delete says of what it leaves; `wish` is the input of the plan. */
  farewell?(current: readonly ResourceRecord[], wish: object): readonly string[];
  /** The part of a plan that an operation may carry out; `only` says which. */
  focus?(plan: Plan, around: Around, only: object): Plan;
  /** The host on which the primary of a node can only be, where there is just one. */
  soleHost?(resources: readonly (Desired | ResourceRecord)[], node: string): string | undefined;
  /** The host of the primary of a node now. Throws `no_primary`. */
  primaryHost?(deps: WorkDeps, entity: EntityRef, node: string): Promise<string>;
  /** What is written when a task has brought it to what is declared, by these steps. */
  afterwards?(kv: Kv, entity: EntityRef, steps: readonly Pick<Step, 'action' | 'ref'>[]): Promise<readonly KvWrite[]>;
  /** Everything kept about it but its record, its spec, its resources, their plans, and its tasks with their logs, which outlive it. */
  forget?(entity: EntityRef): readonly KvWrite[];
}
