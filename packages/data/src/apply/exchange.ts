import type pg from 'pg';
import { MessageWriter } from './wire.ts';

/** One statement and its values, in their text form. */
export interface Step {
  readonly text: string;
  readonly values: readonly (string | null)[];
  /** The table it is about, for who reads the error. */
  readonly about?: string;
  /** In words, what a user of another node did that it does here. */
  readonly ddl?: string;
  /** How many rows it writes when nothing of it is rejected. */
  readonly rows?: number;
  /** Each row it writes is the record of a conflict. */
  readonly records?: boolean;
  /** It may leave keys that have to be looked at again later. */
  readonly leavesLate?: boolean;
  /** It runs code of users. */
  readonly runsUsersCode?: boolean;
}

/** What a statement answered. */
export interface Answer {
  /** The tag of the command: `INSERT 0 3`. */
  readonly tag: string;
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A statement of several that were sent together has failed; those before it are done, those after it were not tried. */
export class StepFailed extends Error {
  /** The number of the statement among those that were sent. */
  readonly at: number;
  readonly answers: readonly Answer[];

  constructor(at: number, answers: readonly Answer[], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.at = at;
    this.answers = answers;
  }
}

/** Forgets all statements that a session has prepared. */
export const FORGET: Step = { text: 'DEALLOCATE ALL', values: [] };
/** How many statements are kept prepared; with more, all are forgotten. */
const MOST_PREPARED = 800;

/** Statements that a session has prepared, by their text. */
export class Prepared {
  readonly #names = new Map<string, string>();
  #made = 0;
  /** Users' code has run in the session, and may have put something of its own in the place of any name. */
  isExposed = false;

  get isFull(): boolean {
    return this.#names.size > MOST_PREPARED;
  }

  /** The name of a statement, and whether it has to be prepared first. */
  of(text: string): { readonly name: string; readonly isNew: boolean } {
    if (this.isExposed) return { name: '', isNew: true };
    const known = this.#names.get(text);
    if (known !== undefined) return { name: known, isNew: false };
    this.#made += 1;
    const name = `w${String(this.#made)}`;
    this.#names.set(text, name);
    return { name, isNew: true };
  }

  /** After `FORGET`. */
  clear(): void {
    this.#names.clear();
  }
}

/**
 * Many statements in one go, without waiting for the answer of each: all of them, then one Sync. When one fails the server skips what
 * follows up to the Sync, the statements of later transactions too. (`pg` has a pipeline of its own, with a Sync after each statement:
 * there a transaction would be applied after one that failed.)
 */
class Exchange implements pg.Submittable {
  readonly #steps: readonly Step[];
  readonly #prepared: Prepared;
  readonly #done: (outcome: readonly Answer[] | StepFailed) => void;
  readonly #answers: Answer[] = [];
  #rows: (readonly (string | null)[])[] = [];

  constructor(steps: readonly Step[], prepared: Prepared, done: (outcome: readonly Answer[] | StepFailed) => void) {
    this.#steps = steps;
    this.#prepared = prepared;
    this.#done = done;
  }

  readonly submit = (connection: pg.Connection): void => {
    const out = new MessageWriter();
    for (const { text, values, runsUsersCode } of this.#steps) {
      const { name, isNew } = this.#prepared.of(text);
      if (isNew) out.parse(name, text);
      out.run(name, values);
      if (text === FORGET.text) this.#prepared.clear();
      this.#prepared.isExposed ||= runsUsersCode === true;
    }
    out.sync();
    connection.stream.write(out.bytes);
  };

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    this.#rows.push(message.fields);
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.#answers.push({ tag: message.text, rows: this.#rows });
    this.#rows = [];
  }

  handleError(error: unknown): void {
    this.#done(new StepFailed(this.#answers.length, this.#answers, error));
  }

  handleReadyForQuery(): void {
    this.#done(this.#answers);
  }

  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
}

/** Runs all, in order. Throws `StepFailed`. */
export function exchange(client: pg.Client, prepared: Prepared, steps: readonly Step[]): Promise<readonly Answer[]> {
  return new Promise((resolve, reject) => {
    const done = (outcome: readonly Answer[] | StepFailed): void =>
      outcome instanceof StepFailed ? reject(outcome) : resolve(outcome);
    client.query(new Exchange(steps, prepared, done));
  });
}
