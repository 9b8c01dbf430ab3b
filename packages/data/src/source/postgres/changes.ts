import { ProtocolError } from './protocol-error.ts';
import type { BeginEvent, BeginPrepareEvent, SourceEvent } from './events.ts';
import type { ChangeMessage, LogicalMessage } from './messages.ts';
import type { RelationCache } from './relations.ts';

type Begin = BeginEvent | BeginPrepareEvent;
type Row = Exclude<ChangeMessage, { tag: 'relation' | 'type' | 'origin' }>;

/**
 * Makes events of the messages of one transaction after the other. A begin is held back until the next message: the origin of the
 * transaction comes right after it and belongs to it.
 */
export class Changes {
  readonly #relations: RelationCache;
  readonly #skipOrigins: boolean;
  #held: Begin | undefined;
  #state: 'outside' | 'inside' | 'skipped' = 'outside';

  /** `skipOrigins`: transactions that were themselves replicated give no event. */
  constructor(relations: RelationCache, skipOrigins: boolean) {
    this.#relations = relations;
    this.#skipOrigins = skipOrigins;
  }

  /** Throws `ProtocolError` inside of another transaction. */
  begin(event: Begin): void {
    if (this.#state !== 'outside') throw new ProtocolError('a transaction begins inside of another one');
    this.#held = event;
    this.#state = 'inside';
  }

  /** `at`: the place of the message among all messages of the session. */
  take(message: ChangeMessage, at: number, out: SourceEvent[]): void {
    if (message.tag === 'relation') this.#relations.define(message, at);
    else if (message.tag === 'type') this.#relations.defineType(message);
    else if (message.tag === 'origin') this.#origin({ name: message.name, lsn: message.lsn });
    else if (message.tag === 'message' && !message.transactional) out.push(messageEvent(message));
    else this.#change(message, out);
  }

  /** False: the transaction was skipped, its end too. */
  end(event: SourceEvent, out: SourceEvent[]): boolean {
    if (this.#state === 'outside') throw new ProtocolError(`a ${event.kind} comes without a begin`);
    const skipped = this.#state === 'skipped';
    if (!skipped) {
      this.#release(out);
      out.push(event);
    }
    this.#state = 'outside';
    this.#held = undefined;
    return !skipped;
  }

  #origin(origin: { name: string; lsn: bigint }): void {
    if (!this.#held) throw new ProtocolError('an origin does not follow a begin');
    if (this.#skipOrigins) this.#state = 'skipped';
    else this.#held = { ...this.#held, origin };
  }

  #change(message: Row, out: SourceEvent[]): void {
    if (this.#state === 'skipped') return;
    if (this.#state === 'outside') throw new ProtocolError(`a ${message.tag} comes outside of any transaction`);
    this.#release(out);
    out.push(this.#event(message));
  }

  #release(out: SourceEvent[]): void {
    if (this.#held) out.push(this.#held);
    this.#held = undefined;
  }

  #event(message: Row): SourceEvent {
    if (message.tag === 'message') return messageEvent(message);
    if (message.tag === 'truncate') {
      const { relationOids, cascade, restartIdentity } = message;
      const relations = relationOids.map((oid) => this.#relations.get(oid));
      return { kind: 'truncate', relations, cascade, restartIdentity };
    }
    const relation = this.#relations.get(message.relationOid);
    if (message.tag === 'delete') return { kind: 'delete', relation, old: message.old };
    const { newTuple } = message;
    if (message.tag === 'insert' || !message.old) return { kind: message.tag, relation, newTuple };
    return { kind: 'update', relation, old: message.old, newTuple };
  }
}

function messageEvent({ transactional, lsn, prefix, content }: LogicalMessage): SourceEvent {
  return { kind: 'message', transactional, lsn, prefix, content };
}
