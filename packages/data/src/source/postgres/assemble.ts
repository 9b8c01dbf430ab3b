import { begun, beginPrepare, commit, commitPrepared, prepare, rollbackPrepared } from './boundaries.ts';
import { Changes } from './changes.ts';
import { decodeMessage } from './decode.ts';
import { ProtocolError } from './protocol-error.ts';
import { RelationCache } from './relations.ts';
import { StreamedTransaction } from './streamed.ts';
import type { BeginEvent, BeginPrepareEvent, CommitEvent, PrepareEvent, SourceEvent } from './events.ts';
import type { Lsn } from './lsn.ts';
import type * as m from './messages.ts';
import type { SpoolOptions } from './spool.ts';

export interface AssemblerOptions extends SpoolOptions {
  /** Leaves out transactions that were themselves replicated. */
  readonly skipOrigins: boolean;
  /** Told where each transaction ends that gives no event. */
  readonly onSkipped: (endLsn: Lsn) => void;
}

/** More events, or none: to be read to its end before the next message is given. */
export type Later = AsyncIterable<readonly SourceEvent[]>;

const isChange = (message: m.PgoutputMessage): message is m.ChangeMessage => CHANGES.has(message.tag);
const CHANGES: ReadonlySet<string> = new Set<m.ChangeMessage['tag']>([
  'relation',
  'type',
  'insert',
  'update',
  'delete',
  'truncate',
  'message',
  'origin',
]);
const isStream = (message: m.PgoutputMessage): message is m.StreamMessage => message.tag.startsWith('stream');
const STREAM_STOP = 'E'.charCodeAt(0);

/**
 * Makes whole transactions, in the order of their commits, of the messages of a session. What was committed is passed on while it
 * arrives. What is streamed before its commit is kept, beyond a limit on disk, and comes when it is committed or prepared.
 */
export class Assembler {
  readonly #options: AssemblerOptions;
  readonly #relations = new RelationCache();
  readonly #changes: Changes;
  readonly #streamed = new Map<m.Xid, StreamedTransaction>();
  #open: StreamedTransaction | undefined;
  #xid: m.Xid = 0;
  /** How many messages came; the place of each among all of them. */
  #count = 0;

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#changes = new Changes(this.#relations, options.skipOrigins);
  }

  /** What is on disk of transactions that are not committed, in bytes. */
  get spilledBytes(): number {
    let sum = 0;
    for (const one of this.#streamed.values()) sum += one.spilledBytes;
    return sum;
  }

  /** Takes the next message; adds what it gives to `out`, or gives what is to be read first. Throws `ProtocolError`. */
  take(bytes: Buffer, out: SourceEvent[]): Later | undefined {
    this.#count += 1;
    if (this.#open && bytes[0] !== STREAM_STOP) return this.#keep(this.#open, bytes);
    const message = decodeMessage(bytes, false);
    if (isChange(message)) this.#changes.take(message, this.#count, out);
    else if (isStream(message)) return this.#stream(message);
    else this.#boundary(message, out);
    return undefined;
  }

  /** Gives the disk back. */
  async close(): Promise<void> {
    const open = [...this.#streamed.values()];
    this.#streamed.clear();
    await Promise.all(open.map((one) => one.close()));
  }

  #boundary(message: m.BoundaryMessage, out: SourceEvent[]): void {
    switch (message.tag) {
      case 'begin':
        return this.#begin(message);
      case 'beginPrepare':
        return this.#changes.begin(beginPrepare(message, false));
      case 'commit':
        return this.#end(commit(this.#xid, message), out);
      case 'prepare':
        return this.#end(prepare(message), out);
      case 'commitPrepared':
        out.push(commitPrepared(message));
        return;
      case 'rollbackPrepared':
        out.push(rollbackPrepared(message));
    }
  }

  #stream(message: m.StreamMessage): Later | undefined {
    switch (message.tag) {
      case 'streamStart':
        return this.#start(message);
      case 'streamStop':
        return this.#stop();
      case 'streamAbort':
        return this.#abort(message);
      case 'streamCommit': {
        const begin = begun(message.xid, message.commitLsn, message.commitTime, true);
        return this.#replay(begin, commit(message.xid, message));
      }
      case 'streamPrepare':
        return this.#replay(beginPrepare(message, true), prepare(message));
    }
  }

  #begin({ xid, finalLsn, commitTime }: m.BeginMessage): void {
    this.#xid = xid;
    this.#changes.begin(begun(xid, finalLsn, commitTime, false));
  }

  #end(event: CommitEvent | PrepareEvent, out: SourceEvent[]): void {
    if (!this.#changes.end(event, out)) this.#options.onSkipped(event.endLsn);
  }

  #keep(open: StreamedTransaction, bytes: Buffer): Later | undefined {
    return open.append(bytes, this.#count) ? nothingAfter(() => open.spill()) : undefined;
  }

  #start({ xid, isFirstSegment }: m.StreamStartMessage): undefined {
    const known = this.#streamed.get(xid);
    if (isFirstSegment === (known !== undefined))
      throw new ProtocolError(`the transaction ${String(xid)} is streamed without its first part, or with two`);
    this.#open = known ?? new StreamedTransaction(this.#options);
    this.#streamed.set(xid, this.#open);
  }

  #stop(): undefined {
    if (!this.#open) throw new ProtocolError('a stream stops that was not started');
    this.#open = undefined;
  }

  /** What is not known was never received: nothing is to be undone. */
  #abort({ xid, subXid }: m.StreamAbortMessage): Later | undefined {
    const known = this.#streamed.get(xid);
    if (xid !== subXid) {
      known?.abort(subXid);
      return undefined;
    }
    this.#streamed.delete(xid);
    return known && nothingAfter(() => known.close());
  }

  async *#replay(
    begin: BeginEvent | BeginPrepareEvent,
    end: CommitEvent | PrepareEvent,
  ): AsyncGenerator<SourceEvent[]> {
    const one = this.#streamed.get(begin.xid);
    if (!one) throw new ProtocolError(`the transaction ${String(begin.xid)} is committed but was not streamed`);
    const relations = new RelationCache(this.#relations);
    const changes = new Changes(relations, this.#options.skipOrigins);
    changes.begin(begin);
    for await (const messages of one.messages()) yield replayed(messages, changes, one);
    const last: SourceEvent[] = [];
    if (!changes.end(end, last)) this.#options.onSkipped(end.endLsn);
    this.#relations.absorb(relations);
    this.#streamed.delete(begin.xid);
    await one.close();
    yield last;
  }
}

function replayed(messages: readonly Buffer[], changes: Changes, one: StreamedTransaction): SourceEvent[] {
  const out: SourceEvent[] = [];
  for (const bytes of messages) {
    const message = decodeMessage(bytes, true);
    if (!isChange(message)) throw new ProtocolError(`a ${message.tag} comes inside of a stream`);
    changes.take(message, message.tag === 'relation' ? (one.toldAt.get(message.oid) ?? 0) : 0, out);
  }
  return out;
}

async function* nothingAfter(work: () => Promise<void>): AsyncGenerator<never> {
  await work();
}
