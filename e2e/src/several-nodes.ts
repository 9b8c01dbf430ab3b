import pg from 'pg';
import { database } from './client.ts';
import { until } from './stack.ts';

interface Instance {
  readonly id: string;
  readonly node_name: string;
  readonly state: string;
  readonly postgres?: { readonly role?: string };
  readonly connection_info?: { readonly port: number };
}

/** A database of several nodes, whose user is `app` with the password `pw-app` and whose name is `shop`. */
export class SeveralNodes {
  readonly id: string;
  readonly #clients = new Map<string, pg.Client>();

  constructor(id: string) {
    this.id = id;
  }

  async instances(): Promise<readonly Instance[]> {
    return ((await database(this.id)).instances ?? []) as unknown as readonly Instance[];
  }

  async names(): Promise<string[]> {
    return [...new Set((await this.instances()).map((one) => one.node_name))].sort();
  }

  async primaryOf(node: string): Promise<Instance> {
    return until(`node ${node} of ${this.id} to have a primary`, async () => {
      const found = (await this.instances()).find((one) => one.node_name === node && one.postgres?.role === 'primary');
      return found?.connection_info !== undefined && found;
    });
  }

  async connect(node: string): Promise<pg.Client> {
    const { connection_info: at } = await this.primaryOf(node);
    const client = new pg.Client({
      ...{ host: '127.0.0.1', port: at?.port ?? 0, user: 'app', password: 'pw-app', database: 'shop' },
      ssl: { rejectUnauthorized: false },
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** On the primary of a node; the session is kept for the next one. */
  async sql<R = Record<string, unknown>>(node: string, text: string, values?: unknown[]): Promise<R[]> {
    const client = this.#clients.get(node) ?? (await this.connect(node));
    this.#clients.set(node, client);
    try {
      return (await client.query<never>(text, values)).rows;
    } catch (err) {
      this.#clients.delete(node);
      await client.end().catch(() => undefined);
      throw err;
    }
  }

  /** Resolves when a table has the same rows everywhere; gives how many. */
  async equal(table: string, timeoutMs = 30_000): Promise<number> {
    const names = await this.names();
    const text = `SELECT count(*)::int AS rows, md5(coalesce(string_agg(t::text, ';' ORDER BY t::text), '')) AS hash FROM ${table} t`;
    let seen = '';
    return until(
      `the nodes of ${this.id} to be equal`,
      async () => {
        const found = await Promise.all(names.map((name) => this.sql<{ rows: number; hash: string }>(name, text)));
        const hashes = new Set(found.map(([row]) => row?.hash));
        seen = JSON.stringify(found);
        return hashes.size === 1 && (found[0]?.[0]?.rows ?? 0) + 1;
      },
      timeoutMs,
    ).then(
      (rows) => rows - 1,
      (err: unknown) => Promise.reject(new Error(`${String(err)}: ${seen}`)),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.end().catch(() => undefined)));
    this.#clients.clear();
  }
}
