import type { Condition, ConditionType } from './status.ts';

/** The conditions that hold now. One of a type and a peer at most; it keeps since when it is so while only its message changes. */
export class Conditions {
  readonly #held = new Map<string, Condition>();
  readonly #now: () => number;
  readonly #onChange: (condition: Condition, holds: boolean) => void;

  constructor(onChange: (condition: Condition, holds: boolean) => void, now = (): number => Date.now()) {
    this.#onChange = onChange;
    this.#now = now;
  }

  get all(): readonly Condition[] {
    return [...this.#held.values()];
  }

  set(type: ConditionType, message: string, peer?: number): void {
    const key = keyOf(type, peer);
    const before = this.#held.get(key);
    const condition = { type, message, since: before?.since ?? this.#now(), ...(peer !== undefined && { peer }) };
    this.#held.set(key, condition);
    if (before?.message !== message) this.#onChange(condition, true);
  }

  clear(peer: number | undefined, ...types: readonly ConditionType[]): void {
    for (const type of types) {
      const key = keyOf(type, peer);
      const before = this.#held.get(key);
      if (!before) continue;
      this.#held.delete(key);
      this.#onChange(before, false);
    }
  }

  has(type: ConditionType, peer?: number): boolean {
    return this.#held.has(keyOf(type, peer));
  }
}

const keyOf = (type: ConditionType, peer?: number): string => `${type} ${String(peer)}`;
