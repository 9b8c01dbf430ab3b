import type { Change } from './change-of.ts';
import type { Alternatives, Step } from './plan-types.ts';
import { refKey, type Dependency } from './resource.ts';

/** What a step has to wait for. */
export interface Waits {
  readonly after: readonly number[];
  readonly afterAny: readonly Alternatives[];
}
const NO_WAITS: Waits = { after: [], afterAny: [] };

/** Steps so far, and for every resource what whatever depends on it must wait for. */
export class Draft {
  readonly steps: Step[] = [];
  readonly waiting: Step[] = [];
  readonly waits = new Map<string, Waits>();
  readonly changed = new Map<string, Change>();

  add(key: string, step: Omit<Step, 'after' | 'afterAny'>, { after, afterAny }: Waits): void {
    this.steps.push({ ...step, after, ...(afterAny.length > 0 && { afterAny }) });
    this.waits.set(key, { after: [this.steps.length - 1], afterAny: [] });
  }

  /** For later: what it is in is stopped. */
  leave(step: Omit<Step, 'after' | 'afterAny'>): void {
    this.waiting.push({ ...step, after: [] });
  }

  /** The steps of those of the resources that have one. */
  stepsOf(keys: readonly string[]): readonly number[] {
    return keys.filter((key) => this.changed.has(key)).flatMap((key) => this.waits.get(key)?.after ?? []);
  }

  waitsFor(dependencies: readonly Dependency[]): Waits {
    const groups = new Map<string, Waits[]>();
    const all: Waits[] = [];
    for (const { ref, anyOf } of dependencies) {
      const waits = this.waits.get(refKey(ref)) ?? NO_WAITS;
      if (anyOf === undefined) all.push(waits);
      else groups.set(anyOf, [...(groups.get(anyOf) ?? []), waits]);
    }
    const pending = [...groups.values()].filter((group) => group.every((w) => w.after.length > 0));
    return join([...all, ...pending.map((group) => ({ after: [], afterAny: [group.map((w) => w.after)] }))]);
  }
}

export function join(all: readonly Waits[]): Waits {
  const after = [...new Set(all.flatMap((w) => w.after))].sort((a, b) => a - b);
  const groups = new Map(all.flatMap((w) => w.afterAny).map((group) => [JSON.stringify(group), group]));
  return { after, afterAny: [...groups.values()] };
}
