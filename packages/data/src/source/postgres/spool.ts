import { ProtocolError } from './protocol-error.ts';
import type { SpillFile } from './spill-file.ts';

const HEADER = 4;
const READ_BYTES = 256 * 1024;

/** How much is kept in memory of each open transaction. */
export interface SpoolOptions {
  readonly memoryBytes: number;
  readonly openFile: () => Promise<SpillFile>;
}

/**
 * The messages of one transaction that was streamed before its commit, in order. The first `memoryBytes` stay in memory; what is more
 * goes to a file, made when it is needed. One reader or writer at a time.
 */
export class Spool {
  readonly #options: SpoolOptions;
  #parts: Buffer[] = [];
  #bytes = 0;
  #file: SpillFile | undefined;
  #written = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** Bytes in the file. */
  get spilledBytes(): number {
    return this.#written;
  }

  /** Keeps a message. True: memory is full, and `spill` is to be waited for before the next one. */
  append(message: Buffer): boolean {
    const header = Buffer.allocUnsafe(HEADER);
    header.writeUInt32BE(message.length);
    this.#parts.push(header, message);
    this.#bytes += HEADER + message.length;
    return this.#bytes > this.#options.memoryBytes;
  }

  /** Moves what is in memory to the file. Throws `no_space`. */
  async spill(): Promise<void> {
    const bytes = this.#takeMemory();
    this.#file ??= await this.#options.openFile();
    await this.#file.append(bytes);
    this.#written += bytes.length;
  }

  /** All messages, some at a time. */
  async *messages(): AsyncGenerator<Buffer[]> {
    yield* this.#fromFile();
    const { messages } = split(this.#takeMemory());
    if (messages.length > 0) yield messages;
  }

  /** Forgets everything. */
  async close(): Promise<void> {
    this.#takeMemory();
    await this.#file?.close();
    this.#file = undefined;
  }

  #takeMemory(): Buffer {
    const bytes = Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    return bytes;
  }

  async *#fromFile(): AsyncGenerator<Buffer[]> {
    let rest: Buffer = Buffer.alloc(0);
    let at = 0;
    while (this.#file && at < this.#written) {
      const chunk = Buffer.allocUnsafe(Math.max(READ_BYTES, missing(rest)));
      const count = await this.#file.read(chunk, at);
      if (count === 0) throw new ProtocolError('the file of a streamed transaction is shorter than what was written');
      at += count;
      const found = split(Buffer.concat([rest, chunk.subarray(0, count)]));
      rest = found.rest;
      if (found.messages.length > 0) yield found.messages;
    }
  }
}

/** How much is missing to the message that begins with these bytes. */
const missing = (start: Buffer): number =>
  start.length < HEADER ? HEADER : HEADER + start.readUInt32BE() - start.length;

/** The whole messages in these bytes, and what is left of a last one. */
function split(bytes: Buffer): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = [];
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const end = at + HEADER + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    messages.push(bytes.subarray(at + HEADER, end));
    at = end;
  }
  return { messages, rest: bytes.subarray(at) };
}
