import { isOurs } from '../apply/index.ts';
import { laterLsn, type Lsn, type SourceEvent } from '../source/postgres/index.ts';

interface Begun {
  readonly commitLsn: Lsn;
  /** It changes something here, so that the progress of its origin is at least its commit once it is applied. */
  writes: boolean;
}

/** The transactions of one stream that were handed on: which is not committed yet, and which are left out. */
export class HandedOn {
  readonly #skipped: ReadonlySet<Lsn>;
  #begun: Begun[] = [];
  #isLeftOut = false;
  #written: Lsn = 0n;

  /** `skipped`: commit LSNs of transactions that are left out. */
  constructor(skipped: ReadonlySet<Lsn>) {
    this.#skipped = skipped;
  }

  /** Those of the events that are to be applied. */
  pass(events: readonly SourceEvent[]): readonly SourceEvent[] {
    const wanted = this.#skipped.size === 0 ? events : events.filter((one) => this.#isWanted(one));
    for (const event of wanted) this.#note(event);
    return wanted;
  }

  /** The commit LSN of the first one that is not committed here. A transaction ends after that; the next one's is not before the end. */
  firstAfter(committed: Lsn): Lsn | undefined {
    for (const { commitLsn, writes } of this.#begun)
      if (commitLsn < committed && writes) this.#written = laterLsn(this.#written, commitLsn);
    this.#begun = this.#begun.filter(({ commitLsn }) => commitLsn >= committed);
    return this.#begun[0]?.commitLsn;
  }

  /** The commit LSN of the last one up to there that wrote something; 0: none yet. */
  lastWritten(committed: Lsn): Lsn {
    this.firstAfter(committed);
    return this.#written;
  }

  #note(event: SourceEvent): void {
    if (event.kind === 'begin') this.#begun.push({ commitLsn: event.commitLsn, writes: false });
    const last = this.#begun.at(-1);
    if (last && 'relation' in event && !isOurs(event.relation)) last.writes = true;
  }

  #isWanted(event: SourceEvent): boolean {
    if (event.kind === 'begin') this.#isLeftOut = this.#skipped.has(event.commitLsn);
    const isWanted = !this.#isLeftOut;
    if (event.kind === 'commit') this.#isLeftOut = false;
    return isWanted;
  }
}
