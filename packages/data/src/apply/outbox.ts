import { StepFailed, type Answer, type Step } from './exchange.ts';
import type { Incoming } from './inbox.ts';
import type { Signal } from '../waiting/index.ts';

/** Statements that go together, in the order in which they were given. */
export interface Unit {
  readonly of: Incoming | undefined;
  readonly steps: readonly Step[];
  readonly onDone?: (answers: readonly Answer[]) => void;
}

/** What made everything stop: the error, the transaction it was in, and the table. */
export interface Failure {
  readonly error: unknown;
  readonly of: Incoming | undefined;
  readonly table: string | undefined;
  /** The DDL that failed, in words. */
  readonly ddl: string | undefined;
}

/** How many statements, and bytes of values, are sent before an answer is waited for. */
const MOST_STEPS = 1500;
const MOST_BYTES = 2 * 1024 * 1024;
/** How much may wait for being sent. */
const ROOM_BYTES = 4 * 1024 * 1024;

const bytesOf = ({ steps }: Unit): number =>
  steps.reduce((sum, { values }) => sum + values.reduce((all, value) => all + (value?.length ?? 0), 60), 0);

/**
 * What is on its way to the server: while it works on some statements, more are collected, and go together when it has answered. After an error
 * nothing more is sent.
 */
export class Outbox {
  readonly #run: (steps: readonly Step[]) => Promise<readonly Answer[]>;
  #waiting: Unit[] = [];
  #bytes = 0;
  #steps = 0;
  #isSending = false;
  #failure: Failure | undefined;
  readonly #changed: Signal;

  /** `changed` is told of everything that somebody may wait for. */
  constructor(run: (steps: readonly Step[]) => Promise<readonly Answer[]>, changed: Signal) {
    this.#run = run;
    this.#changed = changed;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Throws when something has failed. */
  push(unit: Unit): void {
    this.check();
    this.#waiting.push(unit);
    this.#bytes += bytesOf(unit);
    this.#steps += unit.steps.length;
    if (!this.#isSending) void this.#send();
  }

  /** Resolves when more may be given. */
  async room(): Promise<void> {
    while (!this.#failure && (this.#bytes > ROOM_BYTES || this.#steps > 2 * MOST_STEPS)) await this.#changed.next();
    this.check();
  }

  /** Resolves when all is answered. */
  async empty(): Promise<void> {
    while (!this.#failure && (this.#isSending || this.#waiting.length > 0)) await this.#changed.next();
    this.check();
  }

  /** Gives statements and waits for their answers. */
  async ask(of: Incoming | undefined, steps: readonly Step[]): Promise<readonly Answer[]> {
    let answers: readonly Answer[] | undefined;
    this.push({ of, steps, onDone: (got) => (answers = got) });
    while (!answers) {
      this.check();
      await this.#changed.next();
    }
    return answers;
  }

  /** Throws when something has failed. */
  check(): void {
    if (this.#failure) throw new Error('the applier begins again', { cause: this.#failure.error });
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    while (this.#waiting.length > 0 && !this.#failure) {
      const units = this.#next();
      try {
        const steps = units.flatMap((unit) => unit.steps);
        this.#done(units, steps.length > 0 ? await this.#run(steps) : []);
      } catch (error) {
        this.#fail(units, error);
      }
      this.#changed.tell();
    }
    this.#isSending = false;
    this.#changed.tell();
  }

  #next(): Unit[] {
    let [steps, bytes, count] = [0, 0, 0];
    for (const unit of this.#waiting) {
      if (count > 0 && (steps + unit.steps.length > MOST_STEPS || bytes > MOST_BYTES)) break;
      steps += unit.steps.length;
      bytes += bytesOf(unit);
      count += 1;
    }
    this.#bytes -= bytes;
    this.#steps -= steps;
    return this.#waiting.splice(0, count);
  }

  /** Those whose statements are all answered; gives the first one that is not. */
  #done(units: readonly Unit[], answers: readonly Answer[]): Unit | undefined {
    let at = 0;
    for (const unit of units) {
      const end = at + unit.steps.length;
      if (end > answers.length) return unit;
      unit.onDone?.(answers.slice(at, end));
      at = end;
    }
    return undefined;
  }

  #fail(units: readonly Unit[], error: unknown): void {
    const unit = error instanceof StepFailed ? this.#done(units, error.answers) : units[0];
    const at = error instanceof StepFailed ? error.at : 0;
    const step = units.flatMap(({ steps }) => steps)[at];
    this.#failure = { error, of: unit?.of, table: step?.about, ddl: step?.ddl };
  }
}
