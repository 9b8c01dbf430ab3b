import { microseconds } from './clock.ts';
import type { Inbox, Incoming } from './inbox.ts';
import type { WorkerParts } from './worker.ts';

/** Whose transaction comes next: of the peers in turn, but for those that wait for the clock. */
export class Turns {
  readonly #parts: Pick<WorkerParts, 'inboxes' | 'clock' | 'states'>;
  #holds = new Map<Inbox, number>();
  #last = 0;

  constructor(parts: Pick<WorkerParts, 'inboxes' | 'clock' | 'states'>) {
    this.#parts = parts;
  }

  /** Looks at who has something to apply, and for how many ms that waits for the clock. */
  async begin(): Promise<void> {
    const holds = new Map<Inbox, number>();
    for (const inbox of this.#parts.inboxes.values()) {
      if (!inbox.ready) continue;
      const ms = await this.#parts.clock.hold(microseconds(inbox.ready.begin.commitTime));
      if (!inbox.ready) continue;
      holds.set(inbox, ms);
      if (ms > 0) this.#parts.states.of(inbox.peer).waitingForClock = true;
    }
    this.#holds = holds;
  }

  /** For how many ms there is nothing to apply; `Infinity`: until something arrives. */
  get heldMs(): number {
    return Math.min(...this.#holds.values());
  }

  next(): Incoming | undefined {
    const inboxes = [...this.#parts.inboxes.values()];
    for (const _ of inboxes) {
      this.#last = (this.#last + 1) % inboxes.length;
      const inbox = inboxes[this.#last];
      const ready = inbox && this.#holds.get(inbox) === 0 ? inbox.ready : undefined;
      if (!ready) continue;
      inbox?.shift();
      return ready;
    }
    return undefined;
  }
}
