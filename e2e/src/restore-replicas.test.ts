import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { accept, done, ended, get, remove, taskNow, type Task } from './client.ts';
import { forgetHost, startHost } from './hosts.ts';
import { replicatedNode } from './replicated-node.ts';
import { completed, originOf } from './restore-client.ts';
import { bash, ENV, HOME, HOST, until } from './stack.ts';

const ID = 'threefold';
const HOSTS = [HOST, 'host-2', 'host-3'];
const FIRST_PORT = Number(ENV.WINDLASS_PORT_MAX) + 10;
/** A directory that all hosts share: on this machine they do. */
const SHARED = path.join(HOME, 'volumes/shared');
const repository = { type: 'posix', id: 'shared', base_path: '/mnt/shared' };
const BACKUPS = `/v1/databases/${ID}/nodes/n1/backups`;
/** Three containers of a database share two cores with the rest of the tests. */
const READY_MS = 120_000;

const node = replicatedNode(ID);
const fullBackup = (): Promise<Task> => accept('POST', BACKUPS, { type: 'full' });

beforeAll(async () => {
  mkdirSync(SHARED, { recursive: true });
  await bash(`chmod 777 ${SHARED}`);
  await Promise.all([startHost('host-2', FIRST_PORT), startHost('host-3', FIRST_PORT + 10)]);
  const spec = {
    database_name: 'shop',
    port: 0,
    postgresql_conf: { synchronous_standby_names: 'ANY 1 (*)' },
    database_users: [{ username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] }],
    orchestrator_opts: { swarm: { extra_volumes: [{ host_path: SHARED, destination_path: '/mnt/shared' }] } },
    nodes: [{ name: 'n1', host_ids: HOSTS }],
    backup_config: { repositories: [repository] },
  };
  await done(ID, 'POST', '/v1/databases', { id: ID, spec }, READY_MS);
  await node.psql('writer', 'CREATE TABLE orders AS SELECT generate_series(1, 100) AS i');
  await completed(ID, await fullBackup());
});
afterAll(async () => {
  await remove(ID).catch(() => undefined);
  await Promise.all(['host-2', 'host-3'].map(forgetHost));
  rmSync(SHARED, { recursive: true, force: true });
});

const restoreTo = (target: string): Promise<Task> =>
  accept('POST', `/v1/databases/${ID}/restore`, {
    restore_config: { ...originOf(ID, { type: 'time', target }), repository },
  });
const now = (): Promise<string> => node.psql('writer', 'SELECT clock_timestamp()');

/** Every member answers the same, the replicas stream it from the primary, and a write through the writer's address goes to all. */
async function everywhere(rows: number): Promise<void> {
  await node.allWell(3);
  expect(await node.psql('writer', 'SELECT count(*) FROM orders')).toBe(String(rows));
  await node.psql('writer', 'INSERT INTO orders VALUES (0)');
  const primary = await node.primary();
  const members = await node.instances();
  expect(members.map((i) => i.host_id).sort()).toEqual(HOSTS);
  const asked = "SELECT count(*), (SELECT string_agg(status, '') FROM pg_stat_wal_receiver) FROM public.orders";
  for (const { id } of members) {
    const psql = `docker exec ${await node.container(id)} psql -h /tmp -U windlass -d shop -Atqc "${asked}"`;
    const expected = `${String(rows + 1)}|${id === primary ? '' : 'streaming'}`;
    await until(`${expected} on ${id}`, async () => (await bash(psql)).trim() === expected);
  }
}

test('restored to a time all members have the same data, and undo puts back the other; the primary dies while it is copied', async () => {
  const target = await now();
  await node.psql('writer', 'DELETE FROM orders WHERE i > 60');
  const old = await node.primary();
  const task = await restoreTo(target);
  const copying = `windlass-restore-${old}`;
  await bash(`timeout 30 sh -c 'until docker top ${copying} -eo pid,args | grep -q " restore$"; do :; done'`);
  await bash(`docker pause ${copying}`);
  const killed = await node.container(old);
  await bash(`docker kill -s KILL ${killed}`);
  try {
    // Mostly another one; the old one where it is back before anybody may take over.
    const back = async (): Promise<boolean> => !['', killed].includes(await node.container(old));
    await until('a primary', async () => {
      const now = await node.primary();
      return now !== '' && (now !== old || (await back()));
    });
  } finally {
    await bash(`docker unpause ${copying} || true`); // where nothing ran in it any more another one has taken its place
  }
  await completed(ID, task);
  expect(await node.primary()).toBe(old);
  await everywhere(100);

  await completed(ID, await accept('POST', `/v1/databases/${ID}/restore:undo`));
  await everywhere(60);
});

test('a failover during a backup: it begins anew at the new primary and is whole, and so is the next one', async () => {
  await node.psql('writer', 'CREATE TABLE bulk AS SELECT i, sha256(i::text::bytea) FROM generate_series(1, 600000) i');
  const old = await node.primary();
  const container = await node.container(old);
  const slowly = { 'compress-type': 'bz2', 'compress-level': '9', 'process-max': '1' };
  const begun = `find ${SHARED} -name backup.manifest.copy -newermt '${new Date().toISOString()}'`;
  const task = await accept('POST', BACKUPS, { type: 'full', backup_options: slowly });
  await until('the backup to copy', async () => (await bash(begun)) !== '');
  await bash(`docker kill ${container}`);
  expect((await taskNow(ID, task)).status).toBe('running');
  await until('another primary', async () => ![old, ''].includes(await node.primary()));
  expect(await ended(ID, task, READY_MS)).toMatchObject({ status: 'completed' });
  await completed(ID, await fullBackup());
  const { backups } = await get<{ backups: { task_id?: string }[] }>(BACKUPS);
  expect(backups.filter((b) => b.task_id === task.task_id)).toHaveLength(1);
});
