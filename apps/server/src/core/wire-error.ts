/** A schema error of the wire contract: its name says which rule was broken. */
export class WireError extends Error {
  readonly wireName: string;
  constructor(wireName: string, message: string) {
    super(message);
    this.wireName = wireName;
  }
}
