import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { database } from './client.ts';
import { bash, until } from './stack.ts';

interface Facts {
  readonly nodes: readonly { readonly name: string; readonly connection_info: { readonly writer: string } }[];
  readonly instances: readonly Instance[];
}
export interface Instance {
  readonly id: string;
  readonly host_id: string;
  readonly node_name: string;
  readonly state: string;
  readonly postgres?: { readonly role?: string };
}
export const factsOf = async (id: string): Promise<Facts> => (await database(id)) as never;

/** A session with the primary of a node as user `app`, whichever of its hosts has it. */
export async function openPrimary(id: string, nodeName: string): Promise<pg.Client> {
  const writer = (await factsOf(id)).nodes.find(({ name }) => name === nodeName)?.connection_info.writer ?? '';
  const [, hosts = '', name = ''] = /^postgresql:\/\/([^/]+)\/([^?]+)/.exec(writer) ?? [];
  return Promise.any(hosts.split(',').map((one) => open(one, name)));
}

async function open(at: string, name: string): Promise<pg.Client> {
  const [host, port] = at.split(':');
  const client = new pg.Client({
    ...{ host: host ?? '', port: Number(port), database: name, user: 'app', password: 'pw-app' },
    ...{ ssl: { rejectUnauthorized: false }, connectionTimeoutMillis: 3000, query_timeout: 5000 },
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ replica: boolean }>('SELECT pg_is_in_recovery() AS replica');
    if (rows[0]?.replica === false) return client;
    throw new Error(`${at} is a replica`);
  } catch (err) {
    await client.end().catch(() => undefined);
    throw err;
  }
}

export async function onPrimary<R extends object>(id: string, node: string, text: string): Promise<R[]> {
  const client = await openPrimary(id, node);
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export const TABLE = 'CREATE TABLE load (id bigint PRIMARY KEY, node text NOT NULL, v int NOT NULL)';
/** Ids of each node, so that no two write one row first: the time when it began, and on from there. */
const IDS = 10 ** 13;

export interface Written {
  /** Ids whose insert was acknowledged and that were not to be deleted after. */
  readonly kept: readonly number[];
  /** The longest time without an acknowledged write, in ms. */
  readonly longestMs: number;
}

/** Writes to one node without an end: inserts, updates of any node's rows, deletes of its own, several statements in one transaction. */
export class NodeWriter {
  readonly #id: string;
  readonly #node: string;
  readonly #running: Promise<void>;
  readonly #kept = new Set<number>();
  #isStopping = false;
  #longestMs = 0;
  #lastAt = performance.now();
  #count = 0;

  constructor(id: string, node: string) {
    this.#id = id;
    this.#node = node;
    this.#running = this.#run();
  }

  get count(): number {
    return this.#count;
  }

  async finish(): Promise<Written> {
    this.#isStopping = true;
    await this.#running;
    return { kept: [...this.#kept], longestMs: Math.round(this.#longestMs) };
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const client = await openPrimary(this.#id, this.#node).catch(() => undefined);
      if (client) await this.#write(client).catch(() => undefined);
      await client?.end().catch(() => undefined);
      await sleep(50);
    }
  }

  async #write(client: pg.Client): Promise<void> {
    const first = Number(this.#node.slice(1)) * IDS + Date.now();
    while (!this.#isStopping) {
      const id = first + ++this.#count;
      const gone = id - 5;
      const isDeleting = this.#count % 10 === 0;
      if (isDeleting) this.#kept.delete(gone);
      await client.query('BEGIN');
      await client.query('INSERT INTO load VALUES ($1, $2, 0)', [id, this.#node]);
      await client.query('UPDATE load SET v = v + 1, node = $2 WHERE id % $3 = $1', [id % 97, this.#node, 97]);
      if (isDeleting) await client.query('DELETE FROM load WHERE id = $1', [gone]);
      await client.query('COMMIT');
      this.#kept.add(id);
      this.#longestMs = Math.max(this.#longestMs, performance.now() - this.#lastAt);
      this.#lastAt = performance.now();
      await sleep(100);
    }
  }
}

/** Watches how the rows of one node arrive at another; gives the longest time in which none did. */
export class Arrivals {
  readonly #running: Promise<void>;
  #isStopping = false;
  #longestMs = 0;

  constructor(id: string, from: string, to: string) {
    this.#running = this.#run(id, from, to);
  }

  async finish(): Promise<number> {
    this.#isStopping = true;
    await this.#running;
    return Math.round(this.#longestMs);
  }

  async #run(id: string, from: string, to: string): Promise<void> {
    const first = Number(from.slice(1)) * IDS;
    const newest = `SELECT max(id)::text AS id FROM load WHERE id BETWEEN ${String(first)} AND ${String(first + IDS - 1)}`;
    let [seen, at] = ['', performance.now()];
    while (!this.#isStopping) {
      const client = await openPrimary(id, to).catch(() => undefined);
      while (client && !this.#isStopping) {
        const rows = await client.query<{ id: string }>(newest).then((answer) => answer.rows, () => undefined); // prettier-ignore
        if (rows === undefined) break;
        const now = performance.now();
        this.#longestMs = Math.max(this.#longestMs, now - at);
        if (rows[0]?.id !== seen) [seen, at] = [rows[0]?.id ?? '', now];
        await sleep(100);
      }
      await client?.end().catch(() => undefined);
      await sleep(50);
    }
  }
}

/** All rows, in an order; the rows themselves, so that a difference can be read. */
export const rowsAt = async (id: string, node: string): Promise<string[]> =>
  (await onPrimary<{ row: string }>(id, node, 'SELECT l::text AS row FROM load l ORDER BY id')).map(({ row }) => row);

/** Resolves with the rows when they are the same on all nodes. */
export const untilEqual = (id: string, nodes: readonly string[], timeoutMs = 60_000): Promise<string[]> =>
  until(
    `${nodes.join(' and ')} of ${id} to be equal`,
    async () => {
      const [first = [], ...others] = await Promise.all(nodes.map((node) => rowsAt(id, node)));
      const known = new Set(first);
      const different = others.map((rows) => rows.length !== first.length || rows.some((row) => !known.has(row)));
      if (different.includes(true))
        throw new Error(`rows: ${[first, ...others].map((rows) => rows.length).join(', ')}`);
      return first;
    },
    timeoutMs,
  );

export async function primaryOf(id: string, node: string): Promise<Instance> {
  return until(`a primary of ${node}`, async () =>
    (await factsOf(id)).instances.find((one) => one.node_name === node && one.postgres?.role === 'primary'),
  );
}

export const killContainer = (service: string): Promise<string> =>
  bash(`docker kill -s KILL $(docker ps -q --filter label=com.docker.swarm.service.name=${service})`);

/** Waits until the database and all its instances are well. */
export const allWell = (id: string): Promise<unknown> =>
  until(
    `${id} to be well`,
    async () => {
      const found = (await database(id)) as unknown as Facts & { state: string };
      const bad = found.instances.filter(({ state }) => state !== 'available');
      if (found.state === 'available' && bad.length === 0) return true;
      throw new Error(`it is ${found.state}; ${bad.map((one) => `${one.id} ${one.state}`).join(', ')}`);
    },
    120_000,
  );
