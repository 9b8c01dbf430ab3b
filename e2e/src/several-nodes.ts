import pg from 'pg';
import { call, database } from './client.ts';
import { bash, until } from './stack.ts';

interface Instance {
  readonly id: string;
  readonly node_name: string;
  readonly state: string;
  readonly postgres?: { readonly role?: string };
  readonly connection_info?: { readonly port: number };
}

interface Facts {
  readonly state: string;
  readonly conditions?: readonly { readonly type: string }[];
  readonly instances: readonly Instance[];
  readonly nodes: readonly { readonly name: string; readonly connection_info?: { readonly writer: string } }[];
}

async function openPrimary(at: string): Promise<pg.Client> {
  const [host, port] = at.split(':');
  const client = new pg.Client({
    ...{ host: host ?? '', port: Number(port), database: 'shop', user: 'app', password: 'pw-app' },
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

/** Slots, who waits for what, and for whom commits and streams wait. */
const DESCRIBE = `SELECT json_build_object('replica', pg_is_in_recovery(), 'commits', current_setting('synchronous_standby_names'),
  'streams', current_setting('synchronized_standby_slots', true),
  'slots', (SELECT json_agg(concat_ws(' ', slot_name, active_pid, restart_lsn, confirmed_flush_lsn, wal_status)) FROM pg_replication_slots),
  'sessions', (SELECT json_agg(concat_ws(' ', pid, application_name, backend_type, state, wait_event, left(query, 40)))
    FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid() OR backend_type = 'walsender'))`;

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

  /** A session with the primary of a node, whichever of its hosts has it. */
  async connect(node: string): Promise<pg.Client> {
    const facts = (await database(this.id)) as unknown as Facts;
    const writer = facts.nodes.find(({ name }) => name === node)?.connection_info?.writer ?? '';
    const [, hosts = ''] = /^postgresql:\/\/([^/]+)\//.exec(writer) ?? [];
    return Promise.any(hosts.split(',').map(openPrimary));
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

  /** Resolves with the rows of a table when all nodes, or those among these, have the same ones; else throws with those that differ. */
  async equal(table: string, among?: readonly string[], timeoutMs = 180_000): Promise<readonly string[]> {
    const nodes = among ?? (await this.names());
    let differing: string[] = [];
    const look = async (): Promise<readonly string[] | false> => {
      const [first = [], ...others] = await Promise.all(nodes.map((node) => this.#rowsOf(node, table)));
      differing = others.flatMap((rows, i) => differences(first, rows, nodes[i + 1] ?? ''));
      return differing.length === 0 && first;
    };
    return until(`all nodes to have the same rows in ${table}`, look, timeoutMs).catch((err: unknown) => {
      throw new Error(`${String(differing.length)} rows differ: ${differing.slice(0, 10).join('; ')}`, { cause: err });
    });
  }

  async #rowsOf(node: string, table: string): Promise<string[]> {
    const client = await this.connect(node);
    try {
      const text = `SELECT t::text AS row FROM ${table} t`;
      return (await client.query<{ row: string }>(text)).rows.map(({ row }) => row);
    } finally {
      await client.end();
    }
  }

  /** Resolves when the database and all its instances are well, and every replica could take over. */
  async well(): Promise<void> {
    const look = async (): Promise<boolean> => {
      const { state, instances, conditions = [] } = (await database(this.id)) as unknown as Facts;
      const bad = instances.filter((one) => one.state !== 'available').map((one) => `${one.id} ${one.state}`);
      const more = conditions.map(({ type }) => type).filter((type) => type === 'replica_lacks_slots');
      if (state === 'available' && bad.length + more.length === 0) return true;
      throw new Error(`it is ${state}; ${[...bad, ...more].join(', ')}`);
    };
    await until(`${this.id} to be well`, look, 120_000);
  }

  /** On an instance, as the superuser. */
  async inside(instance: string, ...statements: string[]): Promise<string> {
    const labels = `--filter label=pgedge.instance.id=${instance} --filter label=pgedge.component=postgres`;
    const commands = statements.map((one) => `-c "${one}"`).join(' ');
    return bash(`docker exec $(docker ps -q ${labels}) psql -h /tmp -U windlass -d shop -Atq ${commands}`);
  }

  /** What somebody needs who looks for why nothing arrives: what replicators say, and how it looks at each primary and replica. */
  async described(): Promise<string> {
    const said = await call('GET', `/v1/databases/${this.id}/replication`).catch(String);
    const inside = (await this.instances()).map(
      async ({ id }) => `${id}: ${await this.inside(id, DESCRIBE).catch(String)}`,
    );
    return [...(await Promise.all(inside)), JSON.stringify(said)].join('\n').replaceAll('"', '');
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.end().catch(() => undefined)));
    this.#clients.clear();
  }
}

function differences(first: readonly string[], rows: readonly string[], node: string): string[] {
  const [there, here] = [new Set(first), new Set(rows)];
  return [
    ...rows.filter((row) => !there.has(row)).map((row) => `${node} alone has ${row}`),
    ...first.filter((row) => !here.has(row)).map((row) => `${node} lacks ${row}`),
  ];
}
