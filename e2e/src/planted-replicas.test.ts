import pg from 'pg';
import { done, portOf, remove, sql } from './client.ts';
import { forgetHost, startHost } from './hosts.ts';
import { PLANTS, ranPlants, triggers } from './plants.ts';
import { replicatedNode } from './replicated-node.ts';
import { ENV, HOST } from './stack.ts';
import { versionOf } from './versions.ts';

const MAJOR = Math.max(...ENV.WINDLASS_POSTGRES_MAJORS.split(' ').map(Number));
const ID = 'plantedpair';
const READY_MS = 120_000;
const REPOSITORY = { type: 'posix', id: 'disk', base_path: '/backups' };
const app = { username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] };
const dba = { username: 'dba', password: 'pw-dba', attributes: ['LOGIN', 'SUPERUSER'] };

const node = replicatedNode(ID);
let version = '';
const spec = (hosts: readonly string[], conf: object = {}) => ({
  database_name: ID,
  port: 0,
  postgres_version: version,
  database_users: [app, dba],
  backup_config: { repositories: [REPOSITORY] },
  nodes: [{ name: 'n1', host_ids: hosts }],
  postgresql_conf: conf,
});
const update = (hosts: readonly string[], conf?: object): Promise<void> =>
  done(ID, 'POST', `/v1/databases/${ID}`, { spec: spec(hosts, conf) }, READY_MS);
const onNode = (what: string, body: object = {}): Promise<void> =>
  done(ID, 'POST', `/v1/databases/${ID}/nodes/n1/${what}`, body, READY_MS);

/** Runs statements one by one at the instance on the first host, which is the primary then. */
async function run(database: string, { username, password }: typeof dba, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port: await portOf(ID), user: username, password, database });
  await client.connect();
  try {
    await client.query('SET search_path = public');
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
async function harmless(): Promise<void> {
  await node.allWell(2);
  expect(await ranPlants(ID)).toEqual([]);
  const names = await node.psql('writer', `SELECT rolname FROM pg_catalog.pg_roles WHERE rolsuper ORDER BY 1`);
  expect(names.split('\n')).toEqual(['dba', 'windlass']);
}

beforeAll(async () => {
  version = await versionOf(MAJOR);
  await startHost('host-2', Number(ENV.WINDLASS_PORT_MAX) + 11);
  await done(ID, 'POST', '/v1/databases', { id: ID, spec: spec([HOST]) }, READY_MS);
  for (const database of ['postgres', 'template1'])
    await run(database, dba, [`GRANT CREATE, CONNECT ON DATABASE ${database} TO app`]);
  for (const database of [ID, 'postgres', 'template1']) {
    await run(database, { ...dba, ...app }, PLANTS);
    await run(database, dba, triggers(database, MAJOR));
  }
});
afterAll(async () => {
  await remove(ID).catch(() => undefined);
  await forgetHost('host-2');
});

test('a replica that is added, and what is asked of it, run nothing that was planted', async () => {
  expect(await sql(ID, 'SELECT extname FROM pg_extension', 'app', 'pw-app')).not.toEqual([]);
  await update([HOST, 'host-2']);
  await harmless();
  await onNode('backups', { type: 'full', backup_options: { 'backup-standby': 'y' } });
  await harmless();
});

test('nor do a switchover, a change that has the primary hand over, and a failover', async () => {
  await onNode('switchover');
  await harmless();
  await update([HOST, 'host-2'], { max_connections: 130 });
  await harmless();
  await onNode('failover', { skip_validation: true });
  await harmless();
});
