import { DomainError } from '@windlass/error-table';
import { formatLsn, laterLsn, type Lsn } from './lsn.ts';
import { positionOf, type SourceEvent } from './events.ts';

/**
 * How far a session is. The server may forget only what the consumer has confirmed. What gives no event moves the position too, or an
 * idle source keeps its log for ever; but only while nothing is in the consumer's hands, neither an unconfirmed event nor a part of a
 * transaction.
 */
export class Progress {
  #received: Lsn;
  #confirmed: Lsn;
  #delivered: Lsn;
  #passed: Lsn;
  #isInside = false;

  /** `start`: everything before it is known to be safe; 0 when the server knows better. */
  constructor(start: Lsn) {
    this.#received = this.#confirmed = this.#delivered = this.#passed = start;
  }

  /** The last byte that came, whatever became of it. */
  get received(): Lsn {
    return laterLsn(this.#received, this.#confirmed);
  }

  /** Everything before it is safe. Never goes back. */
  get confirmed(): Lsn {
    return this.#confirmed;
  }

  /** The end of the last event that was handed out. */
  get delivered(): Lsn {
    return this.#delivered;
  }

  /** Something arrived, in order or not. */
  receive(lsn: Lsn): void {
    this.#received = laterLsn(this.#received, lsn);
  }

  /** An event is about to be handed out. */
  deliver(event: SourceEvent): void {
    const position = positionOf(event);
    if (event.kind === 'begin' || event.kind === 'beginPrepare') this.#isInside = true;
    if (event.kind === 'commit' || event.kind === 'prepare') this.#isInside = false;
    if (position !== undefined) this.#delivered = laterLsn(this.#delivered, position);
  }

  /** All that comes before this position has been dealt with here, in its order. */
  pass(lsn: Lsn): void {
    this.#passed = laterLsn(this.#passed, lsn);
    this.#catchUp();
  }

  /** The consumer has made everything safe that ends here or before. Throws `invalid_input` when it cannot have seen it. */
  confirm(lsn: Lsn): void {
    if (lsn > laterLsn(this.#delivered, this.#confirmed))
      throw new DomainError('invalid_input', `${formatLsn(lsn)} is confirmed but was not delivered`);
    this.#confirmed = laterLsn(this.#confirmed, lsn);
    this.#catchUp();
  }

  #catchUp(): void {
    const isIdle = !this.#isInside && this.#delivered <= this.#confirmed;
    if (isIdle) this.#confirmed = laterLsn(this.#confirmed, this.#passed);
  }
}
