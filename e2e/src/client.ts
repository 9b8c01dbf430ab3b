import pg from 'pg';
import { API, HOST, until } from './stack.ts';

export interface Task {
  readonly task_id: string;
  readonly status: string;
  readonly type: string;
  readonly error?: string;
}
export interface Database {
  readonly id: string;
  readonly state: string;
  readonly revision: string;
  readonly spec: Record<string, unknown>;
  readonly instances?: readonly {
    readonly id: string;
    readonly state: string;
    readonly host_id: string;
    readonly postgres?: { readonly role?: string };
    readonly connection_info?: { readonly port: number };
  }[];
}
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** No request waits for what it begins. */
const ANSWERS_WITHIN_MS = 60_000;

export async function call<T = Record<string, unknown>>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const response = await fetch(API + path, {
    method,
    signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? undefined : JSON.parse(text)) as T,
  };
}

export const get = async <T>(path: string): Promise<T> => (await call<T>('GET', path)).body;

/** A spec with one node on the host of the stack. */
export const specOf = (name: string, more: Record<string, unknown> = {}) => ({
  database_name: name,
  port: 0,
  database_users: [{ username: 'app', password: `pw-${name}`, db_owner: true, attributes: ['LOGIN'] }],
  nodes: [{ name: 'n1', host_ids: [HOST] }],
  ...more,
});

/** Sends a change and returns its task; throws when it is not accepted. */
export async function accept(method: string, path: string, body?: unknown): Promise<Task> {
  const answer = await call<{ task: Task; message?: string }>(method, path, body);
  if (answer.status !== 200)
    throw new Error(`${method} ${path}: ${String(answer.status)} ${answer.body.message ?? ''}`);
  return answer.body.task;
}

export const hasEnded = ({ status }: { readonly status: string }): boolean =>
  ['completed', 'failed', 'canceled'].includes(status);

export const taskNow = (id: string, { task_id: task }: Pick<Task, 'task_id'>): Promise<Task> =>
  get<Task>(`/v1/databases/${id}/tasks/${task}`);

interface LogEntry {
  readonly timestamp: string;
  readonly message: string;
}
const entriesOf = async (id: string, { task_id: task }: Pick<Task, 'task_id'>): Promise<readonly LogEntry[]> =>
  (await get<{ entries: LogEntry[] }>(`/v1/databases/${id}/tasks/${task}/log`)).entries;
/** What users read of a task, line by line. */
export const logOf = async (id: string, task: Pick<Task, 'task_id'>): Promise<string[]> =>
  (await entriesOf(id, task)).map(({ message }) => message);

export const ended = (id: string, task: Task, timeoutMs = 60_000): Promise<Task> =>
  until(
    `task ${task.task_id} of ${id} to end`,
    async () => {
      const now = await taskNow(id, task);
      return hasEnded(now) && now;
    },
    timeoutMs,
  );

/** The task, once it is completed; throws with its error and the end of its log when it ends otherwise. */
export async function completed(id: string, accepted: Task, timeoutMs?: number): Promise<Task> {
  const task = await ended(id, accepted, timeoutMs);
  if (task.status === 'completed') return task;
  const entries = await entriesOf(id, task).catch(() => []);
  const told = entries.slice(-8).map((entry) => `\n  ${entry.timestamp} ${entry.message}`);
  throw new Error(`the ${task.type} of ${id} is ${task.status}: ${task.error ?? ''}${told.join('')}`);
}

/** Does a change and waits until it is completed. */
export async function done(
  id: string,
  method: string,
  path: string,
  body?: unknown,
  timeoutMs?: number,
): Promise<void> {
  await completed(id, await accept(method, path, body), timeoutMs);
}

export const create = (id: string, more?: Record<string, unknown>): Promise<void> =>
  done(id, 'POST', '/v1/databases', { id, spec: specOf(id, more) });
export const update = (id: string, more?: Record<string, unknown>, query = ''): Promise<void> =>
  done(id, 'POST', `/v1/databases/${id}${query}`, { spec: specOf(id, more) });
export const remove = (id: string): Promise<void> => done(id, 'DELETE', `/v1/databases/${id}?force=true`);
export const database = (id: string): Promise<Database> => get<Database>(`/v1/databases/${id}`);

export async function portOf(id: string): Promise<number> {
  const port = (await database(id)).instances?.[0]?.connection_info?.port;
  if (port === undefined) throw new Error(`${id} has no published port`);
  return port;
}

/** Runs SQL as a user of the database, over TCP with its password. */
export async function sql<R = Record<string, unknown>>(
  id: string,
  text: string,
  user = 'app',
  password = `pw-${id}`,
): Promise<R[]> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: await portOf(id),
    user,
    password,
    database: id,
    connectionTimeoutMillis: 3000,
  });
  await client.connect();
  try {
    return (await client.query(text)).rows as R[];
  } finally {
    await client.end();
  }
}
