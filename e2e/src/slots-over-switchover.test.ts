import { accept, call, completed, database, done, remove } from './client.ts';
import { forgetHost, startHost } from './hosts.ts';
import { replicatedNode } from './replicated-node.ts';
import { sideBySide } from './side-by-side.ts';
import { bash, ENV, HOST, until } from './stack.ts';
import { versionOf } from './versions.ts';

const MAJORS = ENV.WINDLASS_POSTGRES_MAJORS.split(' ').map(Number);
const READY_MS = 120_000;

beforeAll(() => startHost('host-2', Number(ENV.WINDLASS_PORT_MAX) + 1));
afterAll(() => forgetHost('host-2'));

sideBySide('slots of a node with a replica, on Postgres', MAJORS, (major, { beforeAll, afterAll, test }) => {
  const ID = `slots${String(major)}`;
  const node = replicatedNode(ID);
  let version = '';
  const spec = (conf: object = {}) => ({
    database_name: 'shop',
    port: 0,
    postgres_version: version,
    database_users: [{ username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN', 'REPLICATION'] }],
    nodes: [{ name: 'n1', host_ids: [HOST, 'host-2'] }],
    postgresql_conf: conf,
  });
  const ask = async (instance: string, text: string): Promise<string> =>
    (
      await bash(`docker exec ${await node.container(instance)} psql -h /tmp -U windlass -d shop -Atqc "${text}"`)
    ).trim();
  const slotsAt = (instance: string): Promise<string> =>
    ask(
      instance,
      `SELECT string_agg(slot_name, ' ' ORDER BY slot_name) FROM pg_replication_slots WHERE slot_name IN ('cdc', 'copy')`,
    );
  const conditions = async (): Promise<{ type: string; message: string; instance_id?: string }[]> =>
    ((await database(ID)) as unknown as { conditions?: [] }).conditions ?? [];
  const condition = (type: string) => until(`the condition ${type}`, async () => (await conditions()).find((one) => one.type === type)); // prettier-ignore

  beforeAll(async () => {
    version = await versionOf(major);
    await done(ID, 'POST', '/v1/databases', { id: ID, spec: spec() }, READY_MS);
    await node.allWell(2);
  });
  afterAll(() => remove(ID).catch(() => undefined));

  test('what a change of the primary leaves behind is named by the plan and the log, and is a condition', async () => {
    const old = await node.primary();
    await node.psql('writer', `SELECT pg_create_logical_replication_slot('cdc', 'test_decoding')`);
    await node.psql('writer', `SELECT pg_create_physical_replication_slot('copy', true)`);
    await node.psql('writer', 'CREATE UNLOGGED TABLE quick (i int)');
    const planned = await call<{ text: string }>('POST', `/v1/databases/${ID}:plan`, {
      spec: spec({ max_connections: 130 }),
    });
    const stays = `slot 'cdc' (logical, of database 'shop') stays at '${old}' when another member becomes the primary`;
    const emptied = `an unlogged table of database 'shop' will be empty at another primary than '${old}'`;
    for (const sentence of [stays, `slot 'copy' (physical) stays at '${old}'`, emptied])
      expect(planned.body.text).toContain(sentence);
    const task = await completed(ID, await accept('POST', `/v1/databases/${ID}/nodes/n1/switchover`, {}), READY_MS);
    const told = (await node.log(task)).join('\n');
    for (const sentence of [stays, emptied]) expect(told).toContain(sentence);
    await node.allWell(2);
    expect(await slotsAt(old)).toBe('cdc copy');
    const left = await condition('slot_left_behind');
    expect([left.instance_id, left.message]).toEqual([old, expect.stringContaining("slot 'cdc'")]);
    for (const slot of ['cdc', 'copy']) await ask(old, `SELECT pg_drop_replication_slot('${slot}')`);
    await until('nothing is left behind', async () => (await conditions()).length === 0);
  });

  test('an update that has the primary hand over names in its log what stays; members keep their own slots', async () => {
    const old = await node.primary();
    await node.psql('writer', `SELECT pg_create_logical_replication_slot('cdc', 'test_decoding')`);
    const task = await completed(
      ID,
      await accept('POST', `/v1/databases/${ID}`, { spec: spec({ max_connections: 130 }) }),
      READY_MS,
    );
    await node.allWell(2);
    expect(await node.primary()).not.toBe(old);
    expect((await node.log(task)).join('\n')).toContain(`stays at '${old}'`);
    await ask(old, `SELECT pg_drop_replication_slot('cdc')`);
    const members = `SELECT count(*) FROM pg_replication_slots WHERE active`;
    await until('the slot of the replica is in use', async () => (await ask(await node.primary(), members)) === '1');
  });

  test('a failover names what did not come along, and it is still where it was', async () => {
    const old = await node.primary();
    await node.psql('writer', `SELECT pg_create_logical_replication_slot('cdc', 'test_decoding')`);
    const wish = { skip_validation: true };
    const task = await completed(ID, await accept('POST', `/v1/databases/${ID}/nodes/n1/failover`, wish), READY_MS);
    await node.allWell(2);
    const now = await node.primary();
    expect(now).not.toBe(old);
    const lost = `replication slots that people made at '${old}', rows of unlogged tables and statistics did not come to '${now}'`;
    expect((await node.log(task)).join('\n')).toContain(lost);
    expect(await slotsAt(old)).toBe('cdc');
    await ask(old, `SELECT pg_drop_replication_slot('cdc')`);
  });

  test('a slot that holds much WAL is a condition, and so is one that has lost some', async () => {
    await node.psql('writer', `SELECT pg_create_logical_replication_slot('cdc', 'test_decoding')`);
    await node.psql(
      'writer',
      `SELECT pg_logical_emit_message(false, 'fill', repeat('x', 60000000)) FROM generate_series(1, 20)`,
    );
    const { message } = await condition('slot_holds_wal');
    expect(message).toMatch(
      /^slot 'cdc' \(logical, of database 'shop'\) at '.*' holds more than 1 GiB of WAL: nobody reads it$/,
    );
    // A replica that is still behind would lose its place, too, and be made anew.
    const behind = 'SELECT max(pg_current_wal_lsn() - replay_lsn) < 1000000 FROM pg_stat_replication';
    await until(
      'the replica to have all of it',
      async () => (await ask(await node.primary(), behind)) === 't',
      READY_MS,
    );
    const kept = spec({ max_connections: 130, max_slot_wal_keep_size: '64MB' });
    await completed(ID, await accept('POST', `/v1/databases/${ID}`, { spec: kept }), READY_MS);
    await ask(await node.primary(), 'CHECKPOINT');
    expect((await condition('slot_lost')).message).toMatch(
      /^slot 'cdc' \(logical, of database 'shop'\) at '.*' has lost WAL its reader needs: drop it and begin anew$/,
    );
    await node.psql('writer', `SELECT pg_drop_replication_slot('cdc')`);
    await until('no condition', async () => (await conditions()).length === 0);
    await node.allWell(2);
  });
});
