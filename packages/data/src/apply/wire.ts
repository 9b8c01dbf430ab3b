/** The messages of many statements in one piece: a write for each of them takes longer than the statement. */
export class MessageWriter {
  #buffer = Buffer.allocUnsafe(64 * 1024);
  #end = 0;

  /** Prepares a statement. */
  parse(name: string, text: string): void {
    const start = this.#begin('P');
    this.#text(name);
    this.#text(text);
    this.#int16(0);
    this.#finish(start);
  }

  /** Runs a prepared statement with values in their text form; answers come as text, too. */
  run(name: string, values: readonly (string | null)[]): void {
    const start = this.#begin('B');
    this.#text('');
    this.#text(name);
    this.#int16(0);
    this.#int16(values.length);
    for (const value of values) this.#value(value);
    this.#int16(0);
    this.#finish(start);
    const execute = this.#begin('E');
    this.#text('');
    this.#int32(0);
    this.#finish(execute);
  }

  sync(): void {
    this.#finish(this.#begin('S'));
  }

  /** All of it. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#end);
  }

  #begin(tag: string): number {
    this.#room(5);
    this.#buffer[this.#end] = tag.charCodeAt(0);
    this.#end += 5;
    return this.#end - 4;
  }

  /** The length counts itself, and not the tag. */
  #finish(start: number): void {
    this.#buffer.writeInt32BE(this.#end - start, start);
  }

  #value(value: string | null): void {
    this.#int32(-1);
    if (value === null) return;
    const start = this.#end;
    this.#room(value.length * 3);
    this.#end += this.#buffer.write(value, this.#end, 'utf8');
    this.#buffer.writeInt32BE(this.#end - start, start - 4);
  }

  /** A text that ends with a zero byte. */
  #text(text: string): void {
    this.#room(text.length * 3 + 1);
    this.#end += this.#buffer.write(text, this.#end, 'utf8');
    this.#buffer[this.#end] = 0;
    this.#end += 1;
  }

  #int16(value: number): void {
    this.#room(2);
    this.#end = this.#buffer.writeUInt16BE(value, this.#end);
  }

  #int32(value: number): void {
    this.#room(4);
    this.#end = this.#buffer.writeInt32BE(value, this.#end);
  }

  #room(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#end + bytes));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}
