import type { BeginEvent, ChangeEvent, CommitEvent, SourceEvent } from '../source/postgres/index.ts';
import { BeginAgain } from './errors.ts';
import type { Signal } from '../waiting/index.ts';

/** A transaction of a peer, as far as it has arrived. */
export interface Incoming {
  readonly peer: number;
  readonly begin: BeginEvent;
  /** What has not been taken yet. */
  changes: ChangeEvent[];
  /** The size of `changes`. */
  bytes: number;
  commit: CommitEvent | undefined;
  /** Some of it was applied before all of it was here, and is not kept: it cannot be tried again from memory. */
  isBig: boolean;
  /** Its stream has ended before it did. */
  isBroken: boolean;
  /** The number of its stream among those of the peer. */
  readonly stream: number;
}

/** How much may be taken from one peer ahead of what is applied, in bytes. */
const MOST_BYTES = 4 * 1024 * 1024;
/** From this size on a transaction is applied while it arrives, in bytes. */
const BIG_BYTES = 1024 * 1024;
/** What a change takes at least, in bytes. */
const CHANGE_BYTES = 100;

/** What one peer has sent and is not applied. */
export class Inbox {
  readonly peer: number;
  readonly #changed: Signal;
  #list: Incoming[] = [];
  /** The one that is still arriving; it may be taken already. */
  #arriving: Incoming | undefined;
  #bytes = 0;
  #stream = 0;
  #closed: Error | undefined = new BeginAgain('ask for the progress of a peer before its first events');

  /** `changed` is told of everything that somebody may wait for. */
  constructor(peer: number, changed: Signal) {
    this.peer = peer;
    this.#changed = changed;
  }

  /** The first one, if it is complete or big. */
  get ready(): Incoming | undefined {
    const [first] = this.#list;
    return first && (first.commit !== undefined || first.bytes > BIG_BYTES) ? first : undefined;
  }

  /** Resolves when more may be given. Throws what stopped the stream. */
  async take(events: readonly SourceEvent[]): Promise<void> {
    this.#check();
    for (const event of events) this.#add(event);
    this.#changed.tell();
    while (this.#bytes > MOST_BYTES && !this.#closed) await this.#changed.next();
    this.#check();
  }

  /** Takes the first one out of the list. */
  shift(): void {
    this.#list.shift();
  }

  /** So many bytes are applied. */
  release(bytes: number): void {
    this.#bytes = Math.max(0, this.#bytes - bytes);
    this.#changed.tell();
  }

  /** Transactions that are to be tried again, in their order; those of an earlier stream are sent again. */
  putBack(incoming: readonly Incoming[]): void {
    this.#list.unshift(...incoming.filter(({ stream }) => stream === this.#stream));
    this.#changed.tell();
  }

  /** Forgets everything. With an error, whoever gives more is told it; without one a new stream begins. */
  clear(error?: Error): void {
    if (this.#arriving) this.#arriving.isBroken = true;
    this.#stream += 1;
    this.#arriving = undefined;
    this.#list = [];
    this.#bytes = 0;
    this.#closed = error;
    this.#changed.tell();
  }

  #check(): void {
    if (this.#closed) throw this.#closed;
  }

  #add(event: SourceEvent): void {
    if (event.kind === 'begin') this.#begin(event);
    else if (event.kind === 'commit') this.#end(event);
    else if (event.kind === 'message' && !event.transactional) return;
    else if ('relation' in event || 'relations' in event || event.kind === 'message') this.#change(event);
    else throw new Error(`a ${event.kind} arrived: nodes do not send what is prepared before it is committed`);
  }

  #begin(begin: BeginEvent): void {
    if (this.#arriving) throw new Error('a transaction begins inside of another one');
    const rest = { changes: [], bytes: 0, commit: undefined, isBig: false, isBroken: false, stream: this.#stream };
    this.#arriving = { peer: this.peer, begin, ...rest };
    this.#list.push(this.#arriving);
  }

  #change(event: ChangeEvent): void {
    if (!this.#arriving) throw new Error(`a ${event.kind} arrived outside of a transaction`);
    const bytes = sizeOf(event);
    this.#bytes += bytes;
    this.#arriving.bytes += bytes;
    this.#arriving.changes.push(event);
  }

  #end(event: CommitEvent): void {
    if (!this.#arriving) throw new Error('a commit arrived without a begin');
    this.#arriving.commit = event;
    this.#arriving = undefined;
  }
}

/** About how much memory a change takes, in bytes. */
export function sizeOf(event: ChangeEvent): number {
  if (event.kind === 'message') return CHANGE_BYTES + event.content.length;
  const row = 'newTuple' in event ? event.newTuple : [];
  const old = 'old' in event && event.old ? event.old.tuple : [];
  const size = (value: unknown): number => (typeof value === 'string' ? value.length : 0);
  return [...row, ...old].reduce<number>((sum, value) => sum + size(value), CHANGE_BYTES);
}
