import type { Lsn, SourceEvent } from '../source/postgres/index.ts';

/** The transactions of one stream that were handed on: which is not committed yet, and which are left out. */
export class HandedOn {
  readonly #skipped: ReadonlySet<Lsn>;
  #begun: Lsn[] = [];
  #isLeftOut = false;

  /** `skipped`: commit LSNs of transactions that are left out. */
  constructor(skipped: ReadonlySet<Lsn>) {
    this.#skipped = skipped;
  }

  /** Those of the events that are to be applied. */
  pass(events: readonly SourceEvent[]): readonly SourceEvent[] {
    return this.#skipped.size === 0 ? this.#noted(events) : this.#noted(events.filter((one) => this.#isWanted(one)));
  }

  /** The commit LSN of the first one that is not committed here. A transaction ends after its commit LSN and the next one's is not before that. */
  firstAfter(committed: Lsn): Lsn | undefined {
    this.#begun = this.#begun.filter((lsn) => lsn >= committed);
    return this.#begun[0];
  }

  #noted(events: readonly SourceEvent[]): readonly SourceEvent[] {
    for (const event of events) if (event.kind === 'begin') this.#begun.push(event.commitLsn);
    return events;
  }

  #isWanted(event: SourceEvent): boolean {
    if (event.kind === 'begin') this.#isLeftOut = this.#skipped.has(event.commitLsn);
    const isWanted = !this.#isLeftOut;
    if (event.kind === 'commit') this.#isLeftOut = false;
    return isWanted;
  }
}
