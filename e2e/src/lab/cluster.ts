import pg from 'pg';
import { done, get } from '../client.ts';
import { until } from '../stack.ts';
import { HOSTS } from './lab.ts';

export interface Member {
  readonly id: string;
  readonly host: string;
  readonly state: string;
  readonly role: string | undefined;
  readonly address: string;
  readonly port: number;
  /** When its host last looked at it; milliseconds since 1970, whole seconds, rounded down. */
  readonly seenAt: number;
}
interface ApiInstance {
  readonly id: string;
  readonly host_id: string;
  readonly state: string;
  readonly status_updated_at?: string;
  readonly connection_info?: { readonly addresses: readonly string[]; readonly port: number };
  readonly postgres?: { readonly role?: string };
}
interface ApiDatabase {
  readonly state: string;
  readonly instances?: readonly ApiInstance[];
}
/** How a database is declared: hosts and the mode of replication. */
export interface Shape {
  readonly hosts?: readonly string[];
  readonly synchronous?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

export const specOn = (name: string, { hosts = HOSTS, synchronous = false, settings = {} }: Shape = {}) => ({
  database_name: name,
  port: 0,
  database_users: [{ username: 'app', password: `pw-${name}`, db_owner: true, attributes: ['LOGIN'] }],
  postgresql_conf: { ...(synchronous && { synchronous_standby_names: '*' }), ...settings },
  nodes: [{ name: 'n1', host_ids: hosts }],
});

export const declare = (id: string, shape?: Shape): Promise<void> =>
  done(id, 'POST', '/v1/databases', { id, spec: specOn(id, shape) }, 120_000);
export const change = (id: string, shape: Shape, query = '', timeoutMs = 120_000): Promise<void> =>
  done(id, 'POST', `/v1/databases/${id}${query}`, { spec: specOn(id, shape) }, timeoutMs);
export const drop = (id: string, timeoutMs = 60_000): Promise<void> =>
  done(id, 'DELETE', `/v1/databases/${id}?force=true`, undefined, timeoutMs);

export const stateOf = async (id: string): Promise<string> => (await get<ApiDatabase>(`/v1/databases/${id}`)).state;

export async function membersOf(id: string): Promise<Member[]> {
  const { instances = [] } = await get<ApiDatabase>(`/v1/databases/${id}`);
  return instances.map((one) => ({
    id: one.id,
    host: one.host_id,
    state: one.state,
    role: one.postgres?.role,
    address: one.connection_info?.addresses[0] ?? '',
    port: one.connection_info?.port ?? 0,
    seenAt: Date.parse(one.status_updated_at ?? '') || 0,
  }));
}

/** Asks one member as the user of the database. */
export async function ask<R extends object>(id: string, { address, port }: Member, text: string): Promise<R[]> {
  const client = new pg.Client({ host: address, port, user: 'app', password: `pw-${id}`, database: id });
  await client.connect();
  try {
    return (await client.query(text)).rows as R[];
  } finally {
    await client.end();
  }
}

/** What a member itself says about a setting of Postgres. */
export const settingOf = async (id: string, member: Member, name: string): Promise<string> =>
  (await ask<Record<string, string>>(id, member, `SHOW ${name}`))[0]?.[name] ?? '';

interface Health {
  readonly members?: number;
  readonly state?: string;
  /** Only what the hosts saw after this time counts. Milliseconds since 1970. */
  readonly since?: number;
  readonly timeoutMs?: number;
}

/** Waits until the status says that everything is there: one primary, every other member streams from it. */
export async function untilHealthy(id: string, health: Health = {}): Promise<Member[]> {
  const { members = HOSTS.length, state: wanted = 'available', since = 0, timeoutMs = 90_000 } = health;
  let seen = '';
  const look = async (): Promise<Member[] | undefined> => {
    const [state, found] = [await stateOf(id), await membersOf(id)];
    seen = `${state}: ${found.map((m) => `${m.host} ${m.role ?? '-'} ${m.state}`).join(', ')}`;
    const whole = found.filter((m) => m.state === 'available' && m.seenAt > since);
    const primaries = whole.filter((m) => m.role === 'primary');
    return state === wanted && whole.length === members && primaries.length === 1 ? found : undefined;
  };
  return until(`${id} to be healthy`, look, timeoutMs).catch((err: unknown) => {
    throw new Error(`${(err as Error).message}; it is ${seen}`, { cause: err });
  });
}

/** For libpq and everything that understands several hosts; primary and replicas in the order of the declaration. */
export async function dsnOf(id: string): Promise<string> {
  const list = (await membersOf(id)).map((m) => `${m.address}:${String(m.port)}`).join(',');
  return `postgresql://app:pw-${id}@${list}/${id}?target_session_attrs=read-write`;
}

/** How many rows each writer has, by its `run`. */
export async function rowsOf(id: string): Promise<ReadonlyMap<string, number>> {
  const primary = (await untilHealthy(id)).find((m) => m.role === 'primary') as Member;
  const text = 'SELECT run, count(*) AS n FROM windlass_writer GROUP BY run';
  const rows = await ask<{ run: string; n: string }>(id, primary, text);
  return new Map(rows.map(({ run, n }) => [run, Number(n)]));
}
