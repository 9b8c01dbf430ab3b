import { portOf } from './client.ts';
import { asSuperuser, container, inside, service } from './container.ts';
import { ATTRIBUTES, FIRST_PORT, NETWORK, onNode, onSpec, query, SECOND_HOST, type Level } from './fields-setup.ts';
import { bash, HOME, HOST } from './stack.ts';

const GIB = 2 ** 30;

const rejects = (call: Promise<unknown>, reason: string) => expect(call).rejects.toThrow(reason);
const role = (id: string, columns: string, name: string): Promise<string> =>
  asSuperuser(id, `SELECT ${columns} FROM pg_roles WHERE rolname = '${name}'`);

/** What each field that a spec and its nodes share does. */
const shared: Record<string, (level: Level) => Promise<void>> = {
  postgres_version: async ({ id, major }) =>
    expect((await query(id, 'SHOW server_version'))[0]?.[0]).toMatch(new RegExp(`^${major}\\.`)),
  port: async ({ id, port }) => {
    if (port === 0) expect(await portOf(id)).toBeGreaterThanOrEqual(FIRST_PORT);
    else expect(await portOf(id)).toBe(port);
    expect(await query(id, 'SELECT current_user')).toEqual([['app']]);
  },
  cpus: async ({ id }) => expect((await container(id)).HostConfig.NanoCpus).toBe(500_000_000),
  memory: async ({ id }) => {
    expect((await container(id)).HostConfig.Memory).toBe(GIB);
    expect(await query(id, 'SHOW shared_buffers')).toEqual([['256MB']]);
    expect(await query(id, 'SHOW effective_cache_size')).toEqual([['512MB']]);
  },
  postgresql_conf: async ({ id, workMem }) => {
    expect(await query(id, 'SHOW work_mem')).toEqual([[workMem]]);
    expect(await query(id, 'SHOW max_connections')).toEqual([['77']]);
  },
  'pg_hba_conf[]': ({ id }) => rejects(query(id, 'SELECT 1', 'guest', 'pw-guest'), 'pg_hba.conf rejects connection'),
  'pg_ident_conf[]': async ({ id }) =>
    expect((await inside(id, 'psql -h /tmp -U app -d shop -Atqc "SELECT current_user"')).trim()).toBe('app'),
  'orchestrator_opts.swarm.extra_volumes[].host_path': async ({ id }) =>
    expect(await inside(id, 'cat /mnt/fields/hello')).toBe(`for ${id}\n`),
  'orchestrator_opts.swarm.extra_volumes[].destination_path': async ({ id }) =>
    expect((await container(id)).Mounts).toContainEqual(
      expect.objectContaining({ Source: `${HOME}/volumes/${id}`, Destination: '/mnt/fields' }),
    ),
  'orchestrator_opts.swarm.extra_networks[].id': async ({ id }) =>
    expect(Object.keys((await container(id)).NetworkSettings.Networks)).toContain(NETWORK),
  'orchestrator_opts.swarm.extra_networks[].aliases[]': async ({ id }) => {
    const run = `docker run --rm --network ${NETWORK} --entrypoint getent windlass/postgres:17`;
    const address = (await container(id)).NetworkSettings.Networks[NETWORK]?.IPAddress ?? 'none';
    expect(await bash(`${run} ahostsv4 alias-${id}`)).toContain(`${address} `);
  },
  'orchestrator_opts.swarm.extra_networks[].driver_opts': async ({ id }) =>
    expect((await service(id)).Spec.TaskTemplate.Networks).toContainEqual(
      expect.objectContaining({ DriverOpts: { 'example.option': id } }),
    ),
  'orchestrator_opts.swarm.extra_labels': async ({ id }) => {
    expect((await service(id)).Spec.Labels['team']).toBe(id);
    expect((await container(id)).Config.Labels['team']).toBe(id);
  },
  'orchestrator_opts.swarm.security.writable_root': async ({ id }) => {
    expect((await container(id)).HostConfig.ReadonlyRootfs).toBe(false);
    await inside(id, 'touch /var/lib/postgresql/written');
  },
  'orchestrator_opts.swarm.security.privilege_escalation': async ({ id }) => {
    expect((await container(id)).HostConfig.CapDrop ?? []).toEqual([]);
    expect(await inside(id, 'grep NoNewPrivs /proc/1/status')).toMatch(/\t0$/m);
  },
  'orchestrator_opts.swarm.security.pids_limit': async ({ id }) =>
    expect((await container(id)).HostConfig.PidsLimit).toBe(1000),
  'orchestrator_opts.swarm.image': async ({ id }) =>
    expect((await container(id)).Config.Image).toBe(`windlass/postgres:${id}`),
};

/** For every field of the spec that is carried out: what it does, seen from outside. */
export const effects: Record<string, () => Promise<void>> = {
  ...Object.fromEntries(Object.entries(shared).map(([leaf, effect]) => [leaf, () => effect(onSpec)])),
  ...Object.fromEntries(Object.entries(shared).map(([leaf, effect]) => [`nodes[].${leaf}`, () => effect(onNode)])),
  database_name: async () => expect(await query(onSpec.id, 'SELECT current_database()')).toEqual([['shop']]),
  'nodes[].name': async () => expect(await query(onNode.id, 'SHOW cluster_name')).toEqual([[`${onNode.id}:n7`]]),
  'nodes[].host_ids[]': async () => {
    const { Config, Mounts } = await container(onNode.id);
    expect(Config.Labels['pgedge.host.id']).toBe(SECOND_HOST);
    const data = Mounts.find((m) => m.Destination === '/windlass/data')?.Source ?? '';
    expect(data).toContain(`${HOME}/data/${SECOND_HOST}/instances/`);
    expect(await bash(`cat ${data}/pgdata/PG_VERSION`)).toBe('18\n');
    expect(await bash(`ls ${HOME}/data/${HOST}/instances`)).not.toContain(onNode.id);
  },
  'database_users[].username': async () => expect(await role(onSpec.id, 'rolname', 'guest')).toBe('guest'),
  'database_users[].password': async () => {
    expect(await query(onSpec.id, 'SELECT 1')).toEqual([[1]]);
    await rejects(query(onSpec.id, 'SELECT 1', 'app', 'wrong'), 'password authentication failed');
  },
  'database_users[].db_owner': async () => {
    const owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'";
    expect(await asSuperuser(onSpec.id, owner)).toBe('app');
    await query(onSpec.id, 'CREATE SCHEMA owned');
  },
  'database_users[].attributes[]': async () => {
    const columns = 'rolsuper, rolcreatedb, rolcreaterole, rolinherit, rolcanlogin, rolreplication, rolbypassrls';
    for (const [i, name] of ATTRIBUTES.entries()) {
      const has = (await role(onSpec.id, columns, `has_${name.toLowerCase()}`)).split('|');
      const hasNot = (await role(onSpec.id, columns, `has_no${name.toLowerCase()}`)).split('|');
      expect([name, has[i], hasNot[i]]).toEqual([name, 't', 'f']);
    }
  },
  'database_users[].roles[]': async () =>
    expect(await query(onSpec.id, "SELECT pg_has_role('app', 'pg_monitor', 'usage')")).toEqual([[true]]),
  'scripts.post_init[]': async () =>
    expect(await asSuperuser(onSpec.id, 'SELECT users FROM seen', 'postgres')).toBe('0'),
  'scripts.post_database_create[]': async () => expect(await query(onSpec.id, 'SELECT n FROM made')).toEqual([[1]]),
};
