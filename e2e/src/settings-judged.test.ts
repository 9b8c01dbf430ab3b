import {
  accept,
  call,
  completed,
  create,
  database,
  ended,
  get,
  remove,
  specOf,
  sql,
  update,
  type Task,
} from './client.ts';
import { sideBySide } from './side-by-side.ts';
import { bash, ENV, until } from './stack.ts';
import { versionOf } from './versions.ts';

interface Condition {
  readonly type: string;
  readonly message: string;
}

const MAJORS = ENV.WINDLASS_POSTGRES_MAJORS.split(' ').map(Number);
const note = (text: string): void => void process.stderr.write(`${text}\n`);

/** What no database of this major may have, and what the refusal says of it. */
const refusedOf = (major: number): [object, string][] => [
  [
    { postgresql_conf: { max_connections: 12 } },
    'postgresql_conf[max_connections]: must be a whole number of at least 25',
  ],
  [{ postgresql_conf: { max_replication_slots: 2 } }, 'postgresql_conf[max_replication_slots]'],
  [
    { pg_hba_conf: ['host all app all reject', 'host all all all scram-sha-256 clientcert=verify-full'] },
    'pg_hba_conf[1]',
  ],
  [{ pg_hba_conf: ['host all all all radius'] }, 'pg_hba_conf[0]'],
  [{ pg_hba_conf: ['host all all all ldap ldapprefix=uid= ldapbasedn=dc=x'] }, 'pg_hba_conf[0]'],
  ...(major < 18
    ? [[{ pg_hba_conf: ['host all all all oauth issuer=https://x scope=y'] }, 'pg_hba_conf[0]'] as [object, string]]
    : []),
];

sideBySide('settings of Postgres', MAJORS, (major, { beforeAll, afterAll, test }) => {
  const id = `judged${String(major)}`;
  let base: { readonly postgres_version: string };
  const show = async (name: string): Promise<unknown> =>
    (await sql<{ value: unknown }>(id, `SELECT current_setting('${name}', true) AS value`))[0]?.value;
  const startedAt = async (): Promise<unknown> => (await sql(id, 'SELECT pg_postmaster_start_time()::text AS at'))[0];
  const body = (more: object) => ({ spec: specOf(id, { ...base, ...more }) });
  const inContainer = (script: string): Promise<string> =>
    bash(
      `docker exec -i $(docker ps -q --filter label=windlass.database=${id}) sh -c '${script.replaceAll("'", "'\\''")}'`,
    );
  const superuser = (text: string): Promise<string> =>
    inContainer(`psql -XAtq -h /tmp -U windlass -d postgres -c "${text}"`);
  const conditions = async (): Promise<Condition[]> =>
    (await get<{ conditions?: Condition[] }>(`/v1/databases/${id}`)).conditions ?? [];
  /** An update that is refused while the database runs on as it was. Resolves with the task. */
  const refused = async (more: object): Promise<Task> => {
    const before = await startedAt();
    const begun = Date.now();
    const task = await ended(id, await accept('POST', `/v1/databases/${id}`, body(more)));
    note(
      `${JSON.stringify(more).slice(0, 80)}: ${task.status} after ${String(Date.now() - begun)} ms: ${task.error ?? ''}`,
    );
    expect([task.status, await startedAt()]).toEqual(['failed', before]);
    return task;
  };
  beforeAll(async () => {
    base = { postgres_version: await versionOf(major) };
    await create(id, { ...base, postgresql_conf: { max_wal_size: '2GB' } });
  });
  afterAll(() => remove(id).catch(() => undefined));

  for (const [more, reason] of refusedOf(major))
    test(`${JSON.stringify(more)} is refused with its path, of a new database and of this one`, async () => {
      const revision = (await database(id)).revision;
      for (const path of ['/v1/databases', `/v1/databases/${id}`]) {
        const answer = await call<{ message: string }>('POST', path, {
          ...(path.endsWith('s') && { id: `${id}-new` }),
          ...body(more),
        });
        expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining(reason)]);
      }
      expect((await database(id)).revision).toBe(revision);
    });

  test('what initdb writes comes back when a setting is taken out; libraries need not be loaded', async () => {
    expect(await show('max_wal_size')).toBe('2GB');
    await update(id, { ...base, postgresql_conf: { 'app.environment': 'prod', 'plpgsql.extra_warnings': 'all' } });
    expect([await show('max_wal_size'), await show('app.environment')]).toEqual(['1GB', 'prod']);
    await update(id, { ...base, postgresql_conf: { 'auto_explain.log_min_duration': '1s' } });
    expect([await show('app.environment'), await show('auto_explain.log_min_duration')]).toEqual(['', '1s']);
  });

  test('what Postgres does not start with is not written: it runs on, and the task says its words', async () => {
    expect((await refused({ postgresql_conf: { huge_pages: 'on' } })).error).toContain(
      'could not map anonymous shared memory',
    );
    expect((await refused({ postgresql_conf: { work_mem: '1kB' } })).error).toContain('"work_mem"');
    expect((await refused({ postgresql_conf: { session_preload_libraries: 'auto_explian' } })).error).toContain(
      'auto_explian',
    );
    await update(id, { ...base, postgresql_conf: { work_mem: '9MB' } });
    expect([await show('work_mem'), await show('huge_pages')]).toEqual(['9MB', 'try']);
    expect((await database(id)).state).toBe('available');
  });

  test('a new database with such settings fails at once, with the reason', async () => {
    const other = `${id}-huge`;
    const spec = specOf(other, { ...base, postgresql_conf: { huge_pages: 'on' } });
    const task = await ended(other, await accept('POST', '/v1/databases', { id: other, spec }));
    expect([task.status, task.error]).toEqual([
      'failed',
      expect.stringContaining('could not map anonymous shared memory'),
    ]);
    await remove(other);
  });

  test('a restart that Postgres does not survive is taken back: it runs with what it had', async () => {
    await update(id, { ...base, postgresql_conf: { max_prepared_transactions: 3 } });
    for (const name of ['a', 'b'])
      await superuser(`BEGIN; CREATE TABLE public.t_${name} (); PREPARE TRANSACTION '${name}'`);
    const accepted = await accept(
      'POST',
      `/v1/databases/${id}`,
      body({ postgresql_conf: { max_prepared_transactions: 1 } }),
    );
    const task = await ended(id, accepted);
    note(task.error ?? '');
    expect([task.status, task.error]).toEqual([
      'failed',
      expect.stringContaining('maximum number of prepared transactions'),
    ]);
    expect(await show('max_prepared_transactions')).toBe('3');
    for (const name of ['a', 'b']) await superuser(`ROLLBACK PREPARED '${name}'`);
    await update(id, base);
    expect(await show('max_prepared_transactions')).toBe('0');
  });

  test('what somebody else broke is a condition, is not restarted, and an update puts it right', async () => {
    await inContainer('echo host all all all radius >> /windlass/data/pgdata/pg_hba.conf');
    // One look asks twice, what is refused now and what would be at a start: the line may have come in between.
    const found = await until('the conditions', async () => {
      const now = await conditions();
      return now.length > 1 && now;
    });
    expect(found.map(({ type }) => type).sort()).toEqual(['restart_would_fail', 'settings_refused']);
    expect(found[0]?.message).toContain('of pg_hba.conf');
    const before = await startedAt();
    const instance = (await database(id)).instances?.[0]?.id ?? '';
    const restart = await ended(id, await accept('POST', `/v1/databases/${id}/instances/${instance}/restart`, {}));
    expect([restart.status, restart.error]).toEqual([
      'failed',
      expect.stringContaining('after a restart it would not serve'),
    ]);
    expect(await startedAt()).toEqual(before);
    await completed(id, await accept('POST', `/v1/databases/${id}`, body({})));
    await until('the conditions to end', async () => (await conditions()).length === 0);
  });

  test('a Postgres that does not start is a condition with its reason', async () => {
    await superuser('ALTER SYSTEM SET huge_pages = on');
    await inContainer('kill -9 $(head -1 /windlass/data/pgdata/postmaster.pid)');
    const found = await until(
      'the condition',
      async () => (await conditions()).find(({ type }) => type === 'postgres_cannot_start'),
      60_000,
    );
    expect(found.message).toContain('could not map anonymous shared memory');
    await inContainer('sed -i /huge_pages/d /windlass/data/pgdata/postgresql.auto.conf');
    await until('it to serve again', () => show('work_mem'), 60_000);
    await until('the condition to end', async () => (await conditions()).length === 0, 60_000);
  });
});
