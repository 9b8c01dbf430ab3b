import { CARRIED_OUT } from '../../packages/resources/src/postgres/spec/carried-out.fixtures.ts';
import { call, portOf, remove } from './client.ts';
import { asSuperuser, container, inside, service } from './container.ts';
import { effects } from './fields-effects.ts';
import * as setup from './fields-setup.ts';
import { forgetHost, startHost } from './hosts.ts';
import { HOST } from './stack.ts';

const { app, bare, onNode, onSpec, query } = setup;
/** What a container may do where a spec says nothing of it. */
const LEAST = { ReadonlyRootfs: true, CapDrop: ['ALL'], PidsLimit: 4096 };
const plain = { database_name: 'shop', nodes: [{ name: 'n1', host_ids: [HOST] }] };

beforeAll(async () => {
  await setup.makeSurroundings();
  await startHost(setup.SECOND_HOST, setup.FIRST_PORT, setup.FIRST_PORT + 20);
  await Promise.all([
    setup.post(onSpec.id, await setup.specLevel()),
    setup.post(onNode.id, await setup.nodeLevel()),
    setup.post(bare, plain),
  ]);
});
afterAll(async () => {
  await Promise.all([onSpec.id, onNode.id, bare].map((id) => remove(id).catch(() => undefined)));
  await forgetHost(setup.SECOND_HOST);
  await setup.removeSurroundings();
});

/** Their effects need repositories and backups: backup.test.ts, backup-s3.test.ts and restore.test.ts. */
const isOfBackups = (leaf: string): boolean => /^(nodes\[\]\.)?(backup|restore)_config\./.test(leaf);

/** Needs several nodes: create-nodes.test.ts. */
const OF_NODES = 'nodes[].source_node';

test('every field that is carried out has its effect tested here, but those of backups and of several nodes', () => {
  const leaves = Object.keys(CARRIED_OUT).filter((leaf) => !isOfBackups(leaf) && leaf !== OF_NODES);
  expect(Object.keys(effects).sort()).toEqual(leaves.sort());
});

test.each(Object.keys(effects))('%s has its effect', (leaf) => effects[leaf]?.());

test('what is not said has its default: Postgres 17, no published port, no limits, modest memory', async () => {
  expect(await asSuperuser(bare, 'SHOW server_version')).toMatch(/^17\./);
  expect((await service(bare)).Spec.EndpointSpec.Ports ?? []).toEqual([]);
  await expect(portOf(bare)).rejects.toThrow('no published port');
  expect((await container(bare)).HostConfig).toMatchObject({ NanoCpus: 0, Memory: 0, ...LEAST });
  expect(await asSuperuser(bare, 'SHOW shared_buffers')).toBe('128MB');
});

test('a port of 0 stays the same when the container is made anew', async () => {
  const before = [await portOf(onNode.id), (await container(onNode.id)).Id];
  const spec = await setup.nodeLevel();
  const labels = { orchestrator_opts: { swarm: { extra_labels: { team: 'new' } } } };
  await setup.change(onNode.id, { ...spec, nodes: [{ name: 'n7', host_ids: [onNode.hostId], port: 0, ...labels }] });
  expect((await container(onNode.id)).Config.Labels['team']).toBe('new');
  expect((await container(onNode.id)).Id).not.toBe(before[1]);
  expect(await portOf(onNode.id)).toBe(before[0]);
});

test.each([
  ['extra_volumes', [{ host_path: '/etc', destination_path: '/mnt/etc' }], "'/etc' is not under an allowed root"],
  ['extra_networks', [{ id: 'absent-net' }], "extra_networks[0].id: network 'absent-net' does not exist"],
  ['extra_networks', [{ id: 'host' }], "extra_networks[0].id: network 'host' cannot be joined"],
  ['image', 'windlass/absent:1', 'windlass/absent:1'],
])('%s that its host cannot carry out is refused before anything is made', async (field, value, reason) => {
  const spec = { ...plain, orchestrator_opts: { swarm: { [field]: value } } };
  const refused = await call<{ name: string; message: string }>('POST', '/v1/databases', { id: 'fieldsbad', spec });
  expect([refused.status, refused.body.name]).toEqual([400, 'invalid_input']);
  expect(refused.body.message).toContain(reason);
  expect((await call('GET', '/v1/databases/fieldsbad')).status).toBe(404);
});

describe('what is taken out of the spec is taken away', () => {
  const owner = { username: 'has_createdb', password: 'pw-new', db_owner: true, attributes: ['LOGIN'] };
  beforeAll(() =>
    setup.change(onSpec.id, {
      ...plain,
      port: 0,
      database_users: [{ ...app, db_owner: false, roles: [] }, owner],
      scripts: { post_database_create: [...setup.scripts.post_database_create, 'INSERT INTO made VALUES (2)'] },
    }),
  );

  test('users, attributes, granted roles, ownership', async () => {
    const roles = "SELECT string_agg(rolname, ',' ORDER BY 1) FROM pg_roles WHERE rolname ~ '^(app|guest|has_)'";
    expect(await asSuperuser(onSpec.id, roles)).toBe('app,has_createdb');
    expect(await query(onSpec.id, "SELECT pg_has_role('app', 'pg_monitor', 'member')")).toEqual([[false]]);
    const createdb = "SELECT rolcreatedb FROM pg_roles WHERE rolname = 'has_createdb'";
    expect(await asSuperuser(onSpec.id, createdb)).toBe('f');
    await query(onSpec.id, 'CREATE SCHEMA by_new_owner', owner.username, owner.password);
    await expect(query(onSpec.id, 'CREATE SCHEMA by_old_owner')).rejects.toThrow('permission denied');
  });
  test('settings, access rules and maps', async () => {
    expect(await query(onSpec.id, 'SHOW work_mem')).toEqual([['4MB']]);
    expect(await query(onSpec.id, 'SHOW max_connections')).toEqual([['100']]);
    expect(await query(onSpec.id, 'SHOW shared_buffers')).toEqual([['128MB']]);
    const rules = "SELECT count(*) FROM pg_hba_file_rules WHERE 'guest' = ANY (user_name)";
    expect(await asSuperuser(onSpec.id, rules)).toBe('0');
    await expect(inside(onSpec.id, 'psql -h /tmp -U app -d shop -wc "SELECT 1"')).rejects.toThrow();
  });
  test('limits, volumes, networks, labels, image', async () => {
    const { HostConfig, Mounts, NetworkSettings, Config } = await container(onSpec.id);
    expect(HostConfig).toMatchObject({ NanoCpus: 0, Memory: 0, ...LEAST });
    expect(await inside(onSpec.id, 'grep NoNewPrivs /proc/1/status')).toMatch(/\t1$/m);
    expect(Mounts.map((m) => m.Destination)).not.toContain('/mnt/fields');
    expect(Object.keys(NetworkSettings.Networks)).not.toContain(setup.NETWORK);
    expect(Config.Labels).not.toHaveProperty('team');
    expect(Config.Image).not.toBe(`windlass/postgres:${onSpec.id}`);
    expect(await portOf(onSpec.id)).toBe(onSpec.port); // 0 is any port that stays: the one it has
  });
  test('but scripts do not run again', async () => {
    expect(await query(onSpec.id, 'SELECT n FROM made')).toEqual([[1]]);
  });
  test('a published port', async () => {
    await setup.change(onSpec.id, { ...plain, database_users: [app] });
    expect((await service(onSpec.id)).Spec.EndpointSpec.Ports ?? []).toEqual([]);
    await expect(portOf(onSpec.id)).rejects.toThrow('no published port');
  });
});
