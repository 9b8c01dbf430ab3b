import type { Finding } from './plan-types.ts';
import type { Desired } from './resource.ts';
import type { ResourceRecord } from './records.ts';

/** What the planner must know of a kind. */
export interface KindFacts {
  readonly immutable: readonly string[];
  readonly updatable: boolean;
  replaces?(before: unknown, after: unknown): boolean;
  interrupts?(before: unknown, after: unknown): boolean;
  readonly interruptedBy?: readonly string[];
  leads?(before: unknown, after: unknown): boolean;
}

export interface PlanInput {
  readonly current: readonly ResourceRecord[];
  readonly desired: readonly Desired[];
  readonly findings: readonly Finding[];
  /** Statuses of what the desired ones depend on at other entities (`foreignStatuses`); what is not in it is not there. */
  readonly foreign?: Index<unknown>;
  /** Re-applies what is unchanged, too. */
  readonly force?: boolean;
  kindFacts(kind: string): KindFacts;
  /** The member of a rolling group that is changed last, or first where the others can only follow it. */
  inCharge?(group: string): string | undefined;
}

/** By the printed form of their refs. */
export type Index<T> = ReadonlyMap<string, T>;
