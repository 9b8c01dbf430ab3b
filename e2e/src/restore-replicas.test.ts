import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { accept, done, ended, get, remove, type Task } from './client.ts';
import { forgetHost, startHost } from './hosts.ts';
import { replicatedNode } from './replicated-node.ts';
import { completed, originOf } from './restore-client.ts';
import { bash, ENV, HOME, HOST, until } from './stack.ts';

const ID = 'threefold';
const HOSTS = [HOST, 'host-2', 'host-3'];
const FIRST_PORT = Number(ENV.WINDLASS_PORT_MIN) + 400;
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
  await Promise.all([startHost('host-2', FIRST_PORT), startHost('host-3', FIRST_PORT + 20)]);
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

/** Every member answers the same, and the replicas stream it from the primary. */
async function everywhere(rows: string): Promise<void> {
  await node.allWell(3);
  const primary = await node.primary();
  const members = await node.instances();
  expect(members.map((i) => i.host_id).sort()).toEqual(HOSTS);
  const asked = "SELECT count(*), (SELECT string_agg(status, '') FROM pg_stat_wal_receiver) FROM orders";
  for (const { id } of members) {
    const psql = `docker exec ${await node.container(id)} psql -h /tmp -U windlass -d shop -Atqc "${asked}"`;
    const expected = `${rows}|${id === primary ? '' : 'streaming'}`;
    await until(`${expected} on ${id}`, async () => (await bash(psql)).trim() === expected);
  }
  const written = await node.whileWriting(() => Promise.resolve());
  expect(written).toMatchObject({ lost: 0 });
}

test('restored to a time all members have the same data, and undo puts back the other; the primary dies while it is copied', async () => {
  const target = await now();
  await node.psql('writer', 'DELETE FROM orders WHERE i > 60');
  const old = await node.primary();
  const task = await restoreTo(target);
  const copying = `windlass-restore-${old}`;
  await until('the restore to copy', () => bash(`docker pause ${copying}`).then(Boolean));
  await bash(`docker kill -s KILL ${await node.container(old)}`);
  await until('another primary', async () => ![old, ''].includes(await node.primary()));
  await bash(`docker unpause ${copying}`);
  await completed(ID, task);
  expect(await node.primary()).toBe(old);
  await everywhere('100');

  await completed(ID, await accept('POST', `/v1/databases/${ID}/restore:undo`));
  await everywhere('60');
});

test('a failover during a backup: it begins anew at the new primary and is whole, and so is the next one', async () => {
  await node.psql('writer', 'CREATE TABLE bulk AS SELECT i, sha256(i::text::bytea) FROM generate_series(1, 600000) i');
  const old = await node.primary();
  const task = await fullBackup();
  const copying = `find ${SHARED} -name backup.manifest.copy -newermt '${new Date().toISOString()}'`;
  await until('the backup to copy', async () => (await bash(copying)) !== '');
  await bash(
    `docker exec ${await node.container(old)} pkill -STOP pgbackrest; docker kill ${await node.container(old)}`,
  );
  expect(await ended(ID, task, READY_MS)).toMatchObject({ status: 'completed' });
  expect(await node.primary()).not.toBe(old);
  await completed(ID, await fullBackup());
  const { backups } = await get<{ backups: { task_id?: string }[] }>(BACKUPS);
  expect(backups.filter((b) => b.task_id === task.task_id)).toHaveLength(1);
});
