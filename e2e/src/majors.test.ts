import { call, create, database, get, portOf, remove, specOf, sql, update } from './client.ts';
import { sideBySide } from './side-by-side.ts';
import { bash, ENV, HOST } from './stack.ts';
import { versionOf } from './versions.ts';

interface Host {
  readonly id: string;
  readonly default_pgedge_version: { readonly postgres_version: string };
  readonly supported_pgedge_versions: readonly { readonly postgres_version: string }[];
}

const MAJORS = ENV.WINDLASS_POSTGRES_MAJORS.split(' ').map(Number);
const majorOf = (version: string): number => Number(version.split('.')[0]);
const host = async (): Promise<Host> => {
  const { hosts } = await get<{ hosts: Host[] }>('/v1/hosts');
  const found = hosts.find((one) => one.id === HOST);
  if (!found) throw new Error(`no host '${HOST}'`);
  return found;
};

test('a host tells each version it has an image of, once, the newest first', async () => {
  const { supported_pgedge_versions: supported, default_pgedge_version: standard } = await host();
  const versions = supported.map((version) => version.postgres_version);
  expect(new Set(versions).size).toBe(versions.length); // other tests may have made an image of another minor version
  expect([...new Set(versions.map(majorOf))]).toEqual([...MAJORS].sort((a, b) => b - a));
  expect(majorOf(standard.postgres_version)).toBe(17);
});

test('a version without an image is refused before anything is made', async () => {
  const spec = specOf('major16', { postgres_version: '16.3' });
  const refused = await call<{ message: string }>('POST', '/v1/databases', { id: 'major16', spec });
  expect([refused.status, refused.body.message]).toEqual([400, expect.stringContaining('16.3')]);
  expect((await call('GET', '/v1/databases/major16')).status).toBe(404);
});

sideBySide('Postgres', MAJORS, (major, { beforeAll, afterAll, test }) => {
  const id = `major${String(major)}`;
  const spec = { postgres_version: '' };
  const show = async (setting: string): Promise<unknown> =>
    Object.values((await sql(id, `SHOW ${setting}`))[0] ?? {})[0];
  const startedAt = () => sql(id, 'SELECT pg_postmaster_start_time()::text AS at');
  beforeAll(async () => {
    spec.postgres_version = await versionOf(major);
  });
  afterAll(() => remove(id).catch(() => undefined));

  test('is created as declared, from the template of its image, and takes writes', async () => {
    await create(id, spec);
    expect(await show('server_version')).toMatch(new RegExp(`^${spec.postgres_version.replace('.', '\\.')}\\b`));
    expect(await show('data_checksums')).toBe('on');
    await sql(id, 'CREATE TABLE kept AS SELECT 42 AS n');
    expect((await database(id)).state).toBe('available');
    const log = await bash(`docker logs $(docker ps -q --filter label=windlass.database=${id}) 2>&1`);
    expect(log).toContain("data directory made from the image's template");
  });
  test('has an identity of its own, not that of the template', async () => {
    const identifier = "| grep 'system identifier'";
    const of = (command: string): Promise<string> => bash(`${command} ${identifier}`);
    const container = `$(docker ps -q --filter label=windlass.database=${id})`;
    const own = await of(`docker exec ${container} pg_controldata /windlass/data/pgdata`);
    const run = 'docker run --rm --network none --entrypoint pg_controldata';
    expect(own).toMatch(/[1-9]\d{15,}/);
    expect(own).not.toBe(await of(`${run} windlass/postgres:${String(major)} /usr/share/windlass/template`));
  });
  test('takes a reloadable setting without a restart and a restart-only one with one', async () => {
    const [before, port] = [await startedAt(), await portOf(id)];
    await update(id, { ...spec, postgresql_conf: { work_mem: '13MB' } });
    expect([await show('work_mem'), await startedAt()]).toEqual(['13MB', before]);
    await update(id, { ...spec, postgresql_conf: { work_mem: '13MB', max_connections: 77 } });
    expect(await show('max_connections')).toBe('77');
    expect(await startedAt()).not.toEqual(before);
    expect([await sql(id, 'SELECT n FROM kept'), await portOf(id)]).toEqual([[{ n: 42 }], port]);
  });
  test('takes users and takes them away', async () => {
    const [app] = specOf(id).database_users;
    const reader = { username: 'reader', password: 'pw-reader', attributes: ['LOGIN'], roles: ['pg_read_all_data'] };
    await update(id, { ...spec, database_users: [app, reader] });
    expect(await sql(id, 'SELECT n FROM kept', 'reader', 'pw-reader')).toEqual([{ n: 42 }]);
    await update(id, spec);
    await expect(sql(id, 'SELECT 1', 'reader', 'pw-reader')).rejects.toThrow('password authentication failed');
  });
  test('is deleted without a trace', async () => {
    await remove(id);
    expect(await bash(`docker ps -aq --filter label=windlass.database=${id}`)).toBe('');
    expect((await call('GET', `/v1/databases/${id}`)).status).toBe(404);
  });
});
