import type { Conditions } from './conditions.ts';
import { isLost, isNearlyLost } from './slots.ts';
import type { OwnSlot } from './status.ts';

/** Says what is wrong with the slots from which the peers read. */
export class OwnWatch {
  readonly #conditions: Conditions;
  readonly #seen = new Set<number>();

  constructor(conditions: Conditions) {
    this.#conditions = conditions;
  }

  judge(slots: readonly OwnSlot[]): void {
    for (const slot of slots) this.#judge(slot);
  }

  #judge(slot: OwnSlot): void {
    const { peer, name, exists } = slot;
    if (exists) this.#seen.add(peer);
    const isGone = !exists && this.#seen.has(peer);
    const rebuild = `node ${String(peer)} has to be made anew from another one`;
    if (isGone) this.#conditions.set('slot_lost', `the slot '${name}' is gone; ${rebuild}`, peer);
    else if (isLost(slot))
      this.#conditions.set('slot_lost', `the slot '${name}' has lost what it kept; ${rebuild}`, peer);
    else this.#conditions.clear(peer, 'slot_lost');
    this.#nearly(slot);
  }

  #nearly(slot: OwnSlot): void {
    const { peer, name, safeWalSize = 0 } = slot;
    if (isLost(slot) || !isNearlyLost(slot)) return this.#conditions.clear(peer, 'slot_nearly_lost');
    const left = `after ${String(Math.max(0, safeWalSize))} more bytes of the log`;
    this.#conditions.set(
      'slot_nearly_lost',
      `the slot '${name}' is lost ${left}; bring node ${String(peer)} back`,
      peer,
    );
  }
}
