import { slotOf } from '../inside/index.ts';

/** A slot through which a member receives the WAL of its primary. */
export interface StandbySlot {
  readonly name: string;
  readonly active: boolean;
  /** Up to where its member has the WAL on its disk, in bytes since the beginning; null: nowhere yet. */
  readonly at: bigint | null;
}

export interface PrimaryView {
  /** Up to where the primary has its own WAL on its disk, in bytes. */
  readonly flushed: bigint;
  readonly standbys: readonly StandbySlot[];
  /** `synchronous_standby_names`, as Patroni wrote it. */
  readonly synchronous: string;
  /** Slots that are waited for at present. */
  readonly listed: readonly string[];
}

/** What the primary had written so many looks ago has to be at a standby: to begin to be waited for, and to go on being so. */
const BEGINS = 1;
const GOES_ON = 3;

/**
 * For which standbys of one primary the streams to other nodes have to wait (`synchronized_standby_slots`): whoever may take over must have
 * what peers got. One that is dead or does not keep up would hold all of them up, so it is not waited for; then a takeover by it may lack what
 * peers have. Where commits wait for named standbys it is those, dead or not: nobody else takes over.
 */
export class AwaitedStandbys {
  #flushed: readonly bigint[] = [];

  /** To be asked at equal times; slots by name. */
  look({ flushed, standbys, synchronous, listed }: PrimaryView): string[] {
    const before = this.#flushed;
    this.#flushed = [flushed, ...before].slice(0, GOES_ON);
    const named = namesIn(synchronous);
    if (named.length > 0)
      return standbys
        .map(({ name }) => name)
        .filter((name) => named.includes(name))
        .sort();
    return standbys
      .filter(({ name, active, at }) => {
        const least = before[(listed.includes(name) ? GOES_ON : BEGINS) - 1];
        const isKnown = least !== undefined || listed.includes(name);
        return active && at !== null && isKnown && at >= (least ?? 0n);
      })
      .map(({ name }) => name)
      .sort();
  }
}

/** Slots of the members that are named: `a`, `"a-b"`, `ANY 2 ("a-b",c)`. Members' names have hyphens. */
const namesIn = (synchronous: string): string[] =>
  [...synchronous.matchAll(/[a-z0-9]+(?:-[a-z0-9]+)+/gi)].map(([name]) => slotOf(name));
