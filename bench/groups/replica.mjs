// A second instance for a database of 1 GB, beside pg_basebackup of the same primary to the same disk, alone.
import { connect, containerOf, create, ended, get, portsOf, remove, superuser, update } from '../api.mjs';
import { sh, until } from '../stack.mjs';

const ID = 'benchcopy';
const ROWS = 950_000;

export const replica = {
  hosts: 2,
  repeats: 5,
  minutes: 6,
  run: async ({ samples, rounds }) => {
    await remove(ID);
    await ended(ID, await create(ID, ['host-1']));
    const [[first, port]] = Object.entries(await portsOf(ID));
    const megabytes = await fill(port, `postgres-${first}`);
    samples.note('size of the database', megabytes, { unit: 'MB' });
    for await (const _ of rounds()) {
      const raw = await baseBackup(`postgres-${first}`);
      samples.note('floor: pg_basebackup alone', raw, { unit: 's' });
      const begun = performance.now();
      await ended(ID, await update(ID, ['host-1', 'host-2']));
      const ms = performance.now() - begun;
      samples.note('add a replica, POST to task completed', ms, { unit: 's' });
      samples.note('ours / floor', ms / raw, { unit: 'ratio', goal: '1.3' });
      await until('the primary to say that it streams', () => streams(first), 2000);
      await ended(ID, await update(ID, ['host-1']));
      if ((await get(ID)).instances.length !== 1) throw new Error('the replica is still there');
    }
    await remove(ID);
  },
};

async function fill(port, service) {
  const client = await connect(port, ID);
  await client.query({
    text: `CREATE TABLE big AS SELECT g AS id, repeat(md5(g::text), 32) AS text FROM generate_series(1, ${ROWS}) g`,
    query_timeout: 180_000,
  });
  await client.end();
  const container = await containerOf(service);
  for (const settle of ['VACUUM FREEZE ANALYZE', 'CHECKPOINT']) await superuser(container, settle, ID);
  return Number(await superuser(container, `SELECT pg_database_size('${ID}') / 1048576`));
}

/** As a replica makes it, over TLS with a member's certificate; from and to the primary's own disk. */
async function baseBackup(service) {
  const container = await containerOf(service);
  const certs = '/windlass/certs';
  const dsn = `host=${service} user=patroni_replicator sslmode=verify-ca sslcert=${certs}/server.crt sslkey=${certs}/server.key sslrootcert=${certs}/ca.crt`;
  const copy = '/windlass/data/bench-copy';
  const command = ['pg_basebackup', '-d', dsn, '-D', copy, '-X', 'stream', '-c', 'fast'];
  const begun = performance.now();
  await sh('docker', ['exec', container, ...command]);
  const ms = performance.now() - begun;
  await sh('docker', ['exec', container, 'rm', '-rf', copy]);
  return ms;
}

const streams = async (first) =>
  (await superuser(
    await containerOf(`postgres-${first}`),
    "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'",
  )) === '1';
