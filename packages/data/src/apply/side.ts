import type pg from 'pg';
import { OneByOne } from '../waiting/index.ts';

/** A session for questions, opened again when it has ended. It is asked one thing after the other, whoever asks. */
export class Side {
  readonly #open: () => Promise<pg.Client>;
  readonly #queue = new OneByOne();
  #client: Promise<pg.Client> | undefined;
  #isClosed = false;

  private constructor(open: () => Promise<pg.Client>) {
    this.#open = open;
  }

  /** Throws when there is no session now. */
  static async open(open: () => Promise<pg.Client>): Promise<Side> {
    const side = new Side(open);
    await side.ask(() => Promise.resolve());
    return side;
  }

  /** The session is not to be used when the answer is there. */
  ask<T>(question: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.#queue.run(async () => question(await this.#session()));
  }

  async rows<R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.ask((client) => client.query<R>(text, [...values]))).rows;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#client?.catch(() => undefined))?.end().catch(() => undefined);
  }

  #session(): Promise<pg.Client> {
    if (this.#isClosed) throw new Error('the applier is closed');
    this.#client ??= this.#opened();
    return this.#client;
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
