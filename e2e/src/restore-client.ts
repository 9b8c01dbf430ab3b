import { accept, call, completed as completedWithin, get, portOf, type Task } from './client.ts';
import { inside } from './container.ts';
import { bash, HOST } from './stack.ts';
import pg from 'pg';

/** Every database of these tests keeps its backups on the disk of its host. */
export const REPOSITORY = { type: 'posix', id: 'disk', base_path: '/disk' };

export const specOf = (password: string, more: object = {}) => ({
  database_name: 'shop',
  port: 0,
  database_users: [{ username: 'app', password, db_owner: true, attributes: ['LOGIN'] }],
  nodes: [{ name: 'n1', host_ids: [HOST] }],
  backup_config: { repositories: [REPOSITORY] },
  ...more,
});

/** What a restore is asked for. */
export const originOf = (source: string, options: Record<string, string> = {}) => ({
  source_database_id: source,
  source_node_name: 'n1',
  source_database_name: 'shop',
  repository: REPOSITORY,
  restore_options: options,
});

/** A backup that is whole and archived. */
export const takeBackup = (id: string): Promise<string> =>
  inside(id, 'pgbackrest --config=/windlass/config/pgbackrest.conf --stanza=db --type=full backup');

export const restore = (id: string, options: Record<string, string>, source = id): Promise<Task> =>
  accept('POST', `/v1/databases/${id}/restore`, { restore_config: originOf(source, options) });

/** Restores and waits; throws unless it is completed. */
export async function restored(id: string, options: Record<string, string>, source = id): Promise<Task> {
  return completed(id, await restore(id, options, source));
}

/** As `completed` of the client, with the time that a restore may take. */
export const completed = (id: string, accepted: Task): Promise<Task> => completedWithin(id, accepted, 120_000);

export const undo = async (id: string): Promise<Task> =>
  completed(id, await accept('POST', `/v1/databases/${id}/restore:undo`));

export const tasksOf = async (id: string): Promise<(Task & { parent_id?: string })[]> =>
  (await get<{ tasks: Task[] }>(`/v1/databases/${id}/tasks`)).tasks;

export const refusal = async (id: string, options: Record<string, string>): Promise<string> => {
  const body = { restore_config: originOf(id, options) };
  return (await call<{ message: string }>('POST', `/v1/databases/${id}/restore`, body)).body.message;
};

/** A connection of the application. */
async function connect(id: string, password: string, user = 'app', database = 'shop'): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: await portOf(id), user, password, database });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

export interface Row {
  readonly id: number;
  readonly at: string;
}

/** Inserts one row after the other while `goes`, else until the connection ends; notes those that were acknowledged. */
export async function insertRows(
  id: string,
  password: string,
  table: string,
  acknowledged: Row[],
  goes: () => boolean = () => true,
): Promise<void> {
  const client = await connect(id, password);
  while (goes()) {
    const { rows } = await client.query(`INSERT INTO ${table} DEFAULT VALUES RETURNING id, at::text`);
    acknowledged.push(...(rows as Row[]));
  }
  await client.end();
}

/** One value, asked by the application. */
export async function ask(
  id: string,
  password: string,
  text: string,
  user?: string,
  database?: string,
): Promise<string> {
  const client = await connect(id, password, user, database);
  try {
    const [row] = (await client.query({ text, rowMode: 'array' })).rows as unknown[][];
    return String(row?.[0]);
  } finally {
    await client.end();
  }
}

/** What a restore may not leave: containers, and directories beside the data but for what is kept. */
export const leftBy = async (id: string): Promise<string> =>
  (
    await bash(
      `docker ps -aq --filter label=windlass.restore --filter label=windlass.database=${id}; ` +
        `docker exec $(docker ps -q --filter label=windlass.database=${id} --filter label=pgedge.component=postgres) ` +
        `sh -c 'ls -d /windlass/data/restore-* /windlass/data/pgdata.[0-9]* 2>/dev/null || true'`,
    )
  ).trim();
