import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeSession } from './node-session.ts';
import type { NodeValue } from './report.ts';
import type { ComparedTable } from './tables.ts';

export interface CompareLimits {
  /** Rows of a node in one statement at most: 5000. */
  readonly rangeRows: number;
  /** A range that differs is cut until it has no more rows than this; then its keys are read: 200. */
  readonly leafRows: number;
  /** Differences named of each table: 1000. */
  readonly named: number;
  /** Ranges or buckets that differ, kept until the next marker: 256. */
  readonly suspects: number;
  /** How often what changes meanwhile is looked at again: 10. */
  readonly rounds: number;
  /** Rows looked at in a second, of each node, of tables with a key: 100,000. */
  readonly rowsPerSecond: number;
}

export const COMPARE_LIMITS: CompareLimits = {
  ...{ rangeRows: 5000, leafRows: 200, named: 1000, suspects: 256, rounds: 10 },
  rowsPerSecond: 100_000,
};

/** A comparison that is running. */
export interface Run {
  readonly sessions: readonly NodeSession[];
  readonly limits: CompareLimits;
  /** Versions must be equal, too. */
  readonly withVersions: boolean;
  readonly marker: () => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

/** Of every node, at once. */
export const everywhere = <T>({ sessions }: Run, ask: (session: NodeSession) => Promise<T>): Promise<readonly T[]> =>
  Promise.all(sessions.map(ask));

/** What stands for the version in a row's hash on this node; undefined when versions may differ. Equal rows without a key have no version each. */
export const versionIn = ({ withVersions }: Run, session: NodeSession, { key }: ComparedTable): string | undefined =>
  withVersions && key ? session.versionText : undefined;

export const distinct = (values: readonly unknown[]): boolean => new Set(values).size > 1;

export function valuesDiffer({ withVersions }: Run): (seen: readonly NodeValue[]) => boolean {
  return (seen) =>
    distinct(seen.map(({ hash, version }) => (withVersions && hash !== null ? JSON.stringify([hash, version]) : hash)));
}

/** Spreads the reading over time. */
export class Pace {
  readonly #run: Run;
  readonly #begun = performance.now();
  #rows = 0;

  readonly #onRows: (rows: number) => void;

  /** `onRows` hears how many rows were read so far. */
  constructor(run: Run, onRows: (rows: number) => void) {
    this.#run = run;
    this.#onRows = onRows;
  }

  /** Rows read so far. */
  get rows(): number {
    return this.#rows;
  }

  async read(rows: number): Promise<void> {
    this.#rows += rows;
    this.#onRows(this.#rows);
    const due = this.#begun + (this.#rows / this.#run.limits.rowsPerSecond) * 1000;
    const ahead = due - performance.now();
    if (ahead > 5) await sleep(ahead, undefined, { signal: this.#run.signal }).catch(() => undefined);
    this.#run.signal?.throwIfAborted();
  }
}
