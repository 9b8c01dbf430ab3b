import type pg from 'pg';

/** A session for questions, opened again when it has ended. */
export class Side {
  readonly #open: () => Promise<pg.Client>;
  #client: Promise<pg.Client> | undefined;
  #isClosed = false;

  constructor(open: () => Promise<pg.Client>) {
    this.#open = open;
  }

  client(): Promise<pg.Client> {
    if (this.#isClosed) throw new Error('the applier is closed');
    this.#client ??= this.#opened();
    return this.#client;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#client?.catch(() => undefined))?.end().catch(() => undefined);
  }

  async #opened(): Promise<pg.Client> {
    try {
      const client = await this.#open();
      client.once('end', () => (this.#client = undefined));
      client.once('error', () => (this.#client = undefined));
      return client;
    } catch (error) {
      this.#client = undefined;
      throw error;
    }
  }
}
