import { ProtocolError } from './protocol-error.ts';
import { Spool, type SpoolOptions } from './spool.ts';
import { XidSet } from './xid-set.ts';
import type { Oid, Xid } from './messages.ts';

const XID_AT = 1;
const OID_AT = 5;

/**
 * A transaction that is received before it has ended: its messages as they came, and which of its subtransactions were undone. What
 * they told about tables stays valid: the server does not tell it again.
 */
export class StreamedTransaction {
  readonly #spool: Spool;
  readonly #aborted = new XidSet();
  readonly #skipOrigins: boolean;
  #isSkipped = false;
  /** Where among all messages each table was told last. */
  readonly toldAt = new Map<Oid, number>();

  constructor(options: SpoolOptions & { readonly skipOrigins: boolean }) {
    this.#spool = new Spool(options);
    this.#skipOrigins = options.skipOrigins;
  }

  get spilledBytes(): number {
    return this.#spool.spilledBytes;
  }

  /** Keeps a message. True: memory is full, and `spill` is to be waited for before the next one. */
  append(bytes: Buffer, at: number): boolean {
    const letter = String.fromCharCode(bytes[0] ?? 0);
    if (letter === 'O' && this.#skipOrigins) this.#isSkipped = true;
    if (letter === 'R') this.#told(bytes, at);
    return !this.#isUnwanted(letter) && this.#spool.append(bytes);
  }

  spill(): Promise<void> {
    return this.#spool.spill();
  }

  /** A subtransaction was rolled back. */
  abort(subXid: Xid): void {
    this.#aborted.add(subXid);
  }

  /** What is left of it, in order, some messages at a time. */
  async *messages(): AsyncGenerator<Buffer[]> {
    for await (const messages of this.#spool.messages()) yield messages.filter((message) => !this.#isUndone(message));
  }

  close(): Promise<void> {
    return this.#spool.close();
  }

  #told(bytes: Buffer, at: number): void {
    if (bytes.length < OID_AT + 4) throw new ProtocolError('a relation message ends too early');
    this.toldAt.set(bytes.readUInt32BE(OID_AT), at);
  }

  /** Of what is skipped only the begin is needed, that it can be skipped again, and what it told. */
  #isUnwanted(letter: string): boolean {
    return this.#isSkipped && letter !== 'O' && !isTold(letter);
  }

  #isUndone(bytes: Buffer): boolean {
    const letter = String.fromCharCode(bytes[0] ?? 0);
    if (letter === 'O' || isTold(letter) || bytes.length < XID_AT + 4) return false;
    return this.#aborted.has(bytes.readUInt32BE(XID_AT));
  }
}

/** A relation or a type. */
const isTold = (letter: string): boolean => letter === 'R' || letter === 'Y';
