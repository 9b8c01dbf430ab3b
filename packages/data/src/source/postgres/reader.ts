import { isUtf8 } from 'node:buffer';
import { ProtocolError } from './protocol-error.ts';

/** Reads the fields of one message in order; all numbers are in network byte order. Every method throws `ProtocolError` when the message ends too early. */
export class Reader {
  readonly #bytes: Buffer;
  #at: number;

  /** `at`: where to begin, in bytes. */
  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  /** One byte as the letter it stands for. */
  letter(): string {
    return String.fromCharCode(this.uint8());
  }

  uint16(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  /** The next bytes, a view of the message. */
  bytes(length: number): Buffer {
    if (length < 0) throw new ProtocolError(`a field has a length of ${String(length)}`);
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  /** Text of a known length. */
  text(length: number): string {
    const bytes = this.bytes(length);
    if (!isUtf8(bytes))
      throw new ProtocolError('a text is not UTF-8; the values of such a source can be read as binary');
    return bytes.toString('utf8');
  }

  /** Text that ends with a zero byte. */
  string(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end === -1) throw new ProtocolError('a text has no end');
    const text = this.text(end - this.#at);
    this.#at += 1;
    return text;
  }

  /** Throws when something follows: then the message was not understood. */
  end(): void {
    if (this.left !== 0) throw new ProtocolError(`${String(this.left)} bytes follow the end of a message`);
  }

  #take(length: number): number {
    const from = this.#at;
    if (from + length > this.#bytes.length) throw new ProtocolError('a message ends too early');
    this.#at = from + length;
    return from;
  }
}
