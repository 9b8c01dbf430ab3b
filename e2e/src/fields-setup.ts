import pg from 'pg';
import { done, portOf } from './client.ts';
import { versionOf } from './versions.ts';
import { bash, ENV, HOME, HOST, until } from './stack.ts';

/** A second host on the same Docker engine: a worker with its own id, data directory and range of ports. */
export const SECOND_HOST = 'host-2';
/** Of that host; the ports that specs ask for by number come after its own. */
export const FIRST_PORT = Number(ENV.WINDLASS_PORT_MAX) + 8;
export const NETWORK = 'fields-net';
/** The containers here have half a CPU each. */
const WITHIN_MS = 120_000;
export const ATTRIBUTES = ['SUPERUSER', 'CREATEDB', 'CREATEROLE', 'INHERIT', 'LOGIN', 'REPLICATION', 'BYPASSRLS'];

/** What one level of a spec (the spec itself, or a node) says in these tests. */
export interface Level {
  readonly id: string;
  readonly hostId: string;
  readonly nodeName: string;
  readonly major: '17' | '18';
  readonly port: number;
  readonly workMem: string;
}

const roleFor = (attribute: string) => ({ username: `has_${attribute.toLowerCase()}`, attributes: [attribute] });
export const app = {
  username: 'app',
  password: 'pw-app',
  db_owner: true,
  attributes: ['LOGIN'],
  roles: ['pg_monitor'],
};
const guest = { username: 'guest', password: 'pw-guest', attributes: ['login'] };
const users = [app, guest, ...[...ATTRIBUTES, ...ATTRIBUTES.map((name) => `NO${name}`)].map(roleFor)];
export const scripts = {
  post_init: ["CREATE TABLE seen AS SELECT count(*) AS users FROM pg_roles WHERE rolname = 'app'"],
  post_database_create: ['CREATE TABLE made (n int)', 'INSERT INTO made VALUES (1)', 'GRANT SELECT ON made TO app'],
};

const common = { database_name: 'shop', database_users: users, scripts };
export const onSpec: Level = {
  id: 'fieldsspec',
  hostId: HOST,
  nodeName: 'n1',
  major: '17',
  port: FIRST_PORT + 50,
  workMem: '7MB',
};
export const onNode: Level = {
  id: 'fieldsnode',
  hostId: SECOND_HOST,
  nodeName: 'n7',
  major: '18',
  port: 0,
  workMem: '6MB',
};
export const bare = 'fieldsbare';

const valuesOf = async ({ id, major, port, workMem }: Level) => ({
  postgres_version: await versionOf(Number(major)),
  port,
  cpus: '500m',
  memory: '1GiB',
  postgresql_conf: { work_mem: workMem, max_connections: 77 },
  pg_hba_conf: ['host all guest all reject', 'local all app peer map=people'],
  pg_ident_conf: ['people postgres app'],
  orchestrator_opts: {
    swarm: {
      extra_volumes: [{ host_path: `${HOME}/volumes/${id}`, destination_path: '/mnt/fields' }],
      extra_networks: [{ id: NETWORK, aliases: [`alias-${id}`], driver_opts: { 'example.option': id } }],
      extra_labels: { team: id },
      security: { writable_root: true, privilege_escalation: true, pids_limit: 1000 },
      image: `windlass/postgres:${id}`,
    },
  },
});

/** Everything at the level of the spec. */
export const specLevel = async (): Promise<object> => ({
  ...common,
  ...(await valuesOf(onSpec)),
  nodes: [{ name: onSpec.nodeName, host_ids: [onSpec.hostId] }],
});

/** Everything at the level of the node; the spec says something else. */
export const nodeLevel = async (): Promise<object> => ({
  ...common,
  postgres_version: await versionOf(Number(onSpec.major)),
  port: FIRST_PORT + 51,
  cpus: '700m',
  memory: '2GiB',
  postgresql_conf: { work_mem: '9MB' },
  orchestrator_opts: { swarm: { extra_labels: { team: 'other' } } },
  nodes: [{ name: onNode.nodeName, host_ids: [onNode.hostId], ...(await valuesOf(onNode)) }],
});

/** The names that the specs refer to: images, directories and a network. */
export async function makeSurroundings(): Promise<void> {
  for (const { id, major } of [onSpec, onNode]) {
    await bash(`docker tag windlass/postgres:${major} windlass/postgres:${id}`);
    await bash(`mkdir -p ${HOME}/volumes/${id} && echo for ${id} >${HOME}/volumes/${id}/hello`);
  }
  await bash(`docker network create -d overlay --attachable ${NETWORK}`);
}
export async function removeSurroundings(): Promise<void> {
  for (const { id } of [onSpec, onNode])
    await bash(`docker image rm windlass/postgres:${id}; rm -r ${HOME}/volumes/${id}`);
  await until('the network to be free', async () => (await bash(`docker network rm ${NETWORK}`)) !== '');
}

export const post = (id: string, spec: object): Promise<void> =>
  done(id, 'POST', '/v1/databases', { id, spec }, WITHIN_MS);
export const change = (id: string, spec: object): Promise<void> =>
  done(id, 'POST', `/v1/databases/${id}`, { spec }, WITHIN_MS);

/** Runs SQL over TCP as a user of the database `shop`. */
export async function query(id: string, text: string, user = 'app', password = 'pw-app'): Promise<unknown[][]> {
  const at = { host: '127.0.0.1', port: await portOf(id), connectionTimeoutMillis: 3000 };
  const client = new pg.Client({ ...at, user, password, database: 'shop' });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}
