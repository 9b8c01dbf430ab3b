import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { transaction, type Kind } from './load.ts';
import type { Random } from './random.ts';

export interface WriterOptions {
  readonly connection: pg.ClientConfig;
  readonly name: string;
  readonly random: Random;
  readonly kinds: readonly Kind[];
  /** Between two transactions, in ms. */
  readonly pauseMs: number;
}

/** What a user may see while others write, a server is killed, or a unique value is taken. Anything else is a mistake of the test. */
const EXPECTED = new Set(['23505', '40P01', '40001', '55P03', '57P01', '57P02', '57P03', '25P02', '08006']);
const isExpected = (err: unknown): boolean => {
  const code = err instanceof Error && 'code' in err ? String(err.code) : '';
  const broken = /Connection terminated|ECONNRE|EPIPE|not queryable|timeout|ended|the database system is/.test(
    String(err),
  );
  return EXPECTED.has(code) || broken;
};

/** A user of one node, who writes one transaction after the other and tries again when the server is away. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #done: Promise<void>;
  #stopped = false;
  #committed = 0;
  #client: pg.Client | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#done = this.#loop();
    this.#done.catch(() => undefined);
  }

  get committed(): number {
    return this.#committed;
  }

  /** Rejects with what a writer should not have seen. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #loop(): Promise<void> {
    const { random, kinds, name, pauseMs } = this.#options;
    for (let i = 0; !this.#stopped; i += 1) {
      await this.#write(transaction(random, kinds, `'${name}-${String(i)}'`));
      await sleep(pauseMs);
    }
    await this.#client?.end().catch(() => undefined);
  }

  async #write(statements: readonly string[]): Promise<void> {
    try {
      this.#client ??= await this.#connect();
      const [only] = statements;
      if (statements.length === 1 && only !== undefined) await this.#client.query(only);
      else await this.#client.query(['BEGIN', ...statements, 'COMMIT'].join(';\n'));
      this.#committed += 1;
    } catch (err) {
      if (!isExpected(err)) throw new Error(`${this.#options.name}: ${String(err)} in ${statements.join(';\n')}`);
      await this.#client?.query('ROLLBACK').catch(() => this.#forget());
    }
  }

  #forget(): void {
    this.#client?.end().catch(() => undefined);
    this.#client = undefined;
  }

  async #connect(): Promise<pg.Client> {
    const timeouts = { connectionTimeoutMillis: 2000, statement_timeout: 10_000 };
    const client = new pg.Client({ ...this.#options.connection, ...timeouts, application_name: this.#options.name });
    client.on('error', () => this.#forget());
    await client.connect();
    return client;
  }
}
