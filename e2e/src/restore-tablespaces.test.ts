import { readFileSync, writeFileSync } from 'node:fs';
import { accept, call, database, done, ended, get, remove, type Task } from './client.ts';
import { asSuperuser, inside } from './container.ts';
import { ask, completed, leftBy, originOf, restore, restored, specOf, undo } from './restore-client.ts';
import { bash, ENV, HOME, processCommand, until } from './stack.ts';
import { versionOf } from './versions.ts';

const PASSWORD = 'pw-spaced';
const MAJORS = ENV.WINDLASS_POSTGRES_MAJORS.split(' ').map(Number);

interface Backups {
  readonly backups: readonly { readonly label: string; readonly verified?: boolean; readonly verify_error?: string }[];
}
const count = (id: string, table: string): Promise<string> => ask(id, PASSWORD, `SELECT count(*) FROM ${table}`);
const backups = async (id: string) => (await get<Backups>(`/v1/databases/${id}/nodes/n1/backups`)).backups;
const backUp = (id: string, type = 'full'): Promise<void> =>
  done(id, 'POST', `/v1/databases/${id}/nodes/n1/backups`, { type });
const conditions = async (id: string): Promise<unknown> =>
  (await get<{ conditions?: unknown[] }>(`/v1/databases/${id}`)).conditions ?? [];
const location = (id: string, name: string): Promise<string> =>
  asSuperuser(id, `SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = '${name}'`);

/** A tablespace beside the data, and a table with an index and long values in it. */
async function addTablespace(id: string, name: string, table: string): Promise<void> {
  await inside(id, `mkdir -m 700 /windlass/data/${name}`);
  await asSuperuser(id, `CREATE TABLESPACE ${name} LOCATION '/windlass/data/${name}'`);
  await asSuperuser(id, `GRANT CREATE ON TABLESPACE ${name} TO app`);
  const rows = `SELECT g AS id, repeat(md5(g::text), 200) AS text FROM generate_series(1, 1000) g`;
  await ask(id, PASSWORD, `CREATE TABLE ${table} TABLESPACE ${name} AS ${rows}`);
  await ask(id, PASSWORD, `CREATE INDEX ON ${table} (id) TABLESPACE ${name}`);
}

describe.each(MAJORS)('a tablespace of Postgres %i', (major) => {
  const id = `spaced${String(major)}`;
  const clone = `${id}-clone`;
  beforeAll(async () => {
    await done(id, 'POST', '/v1/databases', {
      id,
      spec: specOf(PASSWORD, { postgres_version: await versionOf(major) }),
    });
    await addTablespace(id, 'fast', 'orders');
    await backUp(id);
  });
  afterAll(async () => {
    await remove(id);
    await remove(clone).catch(() => undefined);
  });

  test('is restored with the data, and undone, and its next backup works; one made after the backup comes and goes, too', async () => {
    await addTablespace(id, 'late', 'later');
    await ask(id, PASSWORD, 'DELETE FROM orders WHERE id > 900');
    const [first] = await backups(id);
    await restored(id, { set: first?.label ?? '', type: 'immediate' });
    expect([await count(id, 'orders'), await location(id, 'late')]).toEqual(['1000', '']);
    await ask(id, PASSWORD, 'UPDATE orders SET text = text');
    await backUp(id, 'incr');

    await undo(id);
    expect([await count(id, 'orders'), await count(id, 'later')]).toEqual(['900', '1000']);
    expect(await location(id, 'fast')).toBe('/windlass/data/fast');

    await restored(id, {});
    expect([await count(id, 'orders'), await count(id, 'later')]).toEqual(['900', '1000']);
    expect(await location(id, 'late')).toMatch(/^\/windlass\/data\/tablespaces\.[-0-9a-f]+\/made\/late$/);
    expect([await leftBy(id), (await database(id)).state, await conditions(id)]).toEqual(['', 'available', []]);
    await backUp(id);
  });

  test('is in a new database that begins with a backup, whose own backups work', async () => {
    const spec = specOf(PASSWORD, {
      database_name: 'copy',
      restore_config: originOf(id),
      postgres_version: await versionOf(major),
    });
    await done(clone, 'POST', '/v1/databases', { id: clone, spec }, 120_000);
    const rows = (table: string) => ask(clone, PASSWORD, `SELECT count(*) FROM ${table}`, 'app', 'copy');
    expect([await rows('orders'), await rows('later')]).toEqual(['900', '1000']);
    await backUp(clone);
    expect(await leftBy(clone)).toBe('');
  });

  test('is verified: the backup is good', async () => {
    const label = (await backups(id)).at(-1)?.label ?? '';
    await done(id, 'POST', `/v1/databases/${id}/nodes/n1/backups/${label}/verify`, undefined, 120_000);
    expect((await backups(id)).at(-1)).toMatchObject({ label, verified: true });
    expect(await conditions(id)).toEqual([]);
  });
});

describe('what may go wrong', () => {
  const id = 'spaced-faults';
  beforeAll(async () => {
    await done(id, 'POST', '/v1/databases', { id, spec: specOf(PASSWORD) });
    await addTablespace(id, 'fast', 'orders');
    await backUp(id);
  });
  afterEach(() => writeFileSync(ENV.FAILPOINTS_FILE, ''));
  afterAll(() => remove(id));

  const alive = async (): Promise<boolean> =>
    (await bash('. bin/lib/common.sh; . bin/lib/processes.sh; running worker && echo yes; true')).trim() === 'yes';
  const failure = async (task: Task): Promise<string> => (await ended(id, task, 120_000)).error ?? '';

  async function endsThoughKilled(task: Task): Promise<void> {
    const isOpen = async () =>
      ['pending', 'running'].includes((await get<Task>(`/v1/databases/${id}/tasks/${task.task_id}`)).status);
    while (
      (await until(
        'the task to end or the worker to die',
        async () => ((await alive()) ? !(await isOpen()) && 'ended' : 'dead'),
        120_000,
      )) === 'dead'
    )
      // prettier-ignore
      processCommand('start', 'worker');
    await completed(id, task);
  }

  test('the worker is killed around the swap and the clean-up: the tablespaces are those of the data, before and after undo', async () => {
    await ask(id, PASSWORD, 'DELETE FROM orders WHERE id > 500');
    const steps = ['copy', 'recover', 'swap', 'note'];
    writeFileSync(ENV.FAILPOINTS_FILE, steps.map((step) => `done update restore.${step}`).join('\n'));
    await endsThoughKilled(await restore(id, { type: 'immediate' }));
    expect([await count(id, 'orders'), await leftBy(id), readFileSync(ENV.FAILPOINTS_FILE, 'utf8')]).toEqual(['1000', '', '']); // prettier-ignore
    writeFileSync(ENV.FAILPOINTS_FILE, 'done update restore.swap\ndone update restore.note');
    await endsThoughKilled(await accept('POST', `/v1/databases/${id}/restore:undo`));
    expect([await count(id, 'orders'), await leftBy(id)]).toEqual(['500', '']);
    expect(await location(id, 'fast')).toBe('/windlass/data/fast');
  });

  test('a cancel leaves the tablespaces of the data, and none of the copy', async () => {
    const places = () => inside(id, "sh -c 'ls -d /windlass/data/tablespaces.* 2>/dev/null || true'");
    const [before, rows] = [await places(), await count(id, 'orders')];
    writeFileSync(ENV.FAILPOINTS_FILE, 'done update restore.recover');
    const task = await restore(id, {});
    await until('the worker to die', async () => !(await alive()), 60_000);
    await call('GET', `/v1/databases/${id}/tasks/${task.task_id}/cancel`);
    processCommand('start', 'worker');
    expect((await ended(id, task, 120_000)).status).toBe('canceled');
    expect(await places()).toBe(before);
    expect([await count(id, 'orders'), await leftBy(id)]).toEqual([rows, '']);
  });

  test('a verification that cannot be carried out says why, and does not call the backup damaged', async () => {
    const label = (await backups(id)).at(-1)?.label ?? '';
    const manifests = `find ${HOME} -path '*/${id}/*/${label}/backup.manifest*'`;
    await bash(`chmod 000 $(${manifests})`);
    const task = await accept('POST', `/v1/databases/${id}/nodes/n1/backups/${label}/verify`);
    expect(await failure(task)).toContain(`backup '${label}' could not be verified`);
    expect(await conditions(id)).toMatchObject([{ type: 'backup_not_verified' }]);
    expect((await backups(id)).at(-1)?.verified).toBeUndefined();
    await bash(`chmod 640 $(${manifests})`);
    await done(id, 'POST', `/v1/databases/${id}/nodes/n1/backups/${label}/verify`, undefined, 120_000);
    expect(await conditions(id)).toEqual([]);
  });

  test('a file that is lost from the copy fails the restore by the name of its table, and the database is as it was', async () => {
    const rows = await count(id, 'orders');
    await asSuperuser(id, 'CREATE TABLE doomed AS SELECT 1');
    await asSuperuser(id, 'CHECKPOINT');
    await inside(id, `sh -c 'rm /windlass/data/pgdata/$(psql -h /tmp -U windlass -d shop -Atqc "SELECT pg_relation_filepath(\\$\\$public.doomed\\$\\$)")'`); // prettier-ignore
    await backUp(id);
    expect(await failure(await restore(id, {}))).toContain('has no file for public.doomed');
    const label = (await backups(id)).at(-1)?.label ?? '';
    const verification = await accept('POST', `/v1/databases/${id}/nodes/n1/backups/${label}/verify`);
    expect(await failure(verification)).toContain('has no file for public.doomed');
    expect(await conditions(id)).toMatchObject([{ type: 'backup_damaged' }]);
    expect([await count(id, 'orders'), await leftBy(id)]).toEqual([rows, '']);
    await asSuperuser(id, 'DROP TABLE doomed');
    await done(id, 'DELETE', `/v1/databases/${id}/nodes/n1/backups/${label}`);
  });

  test('what cannot be kept apart is refused by name before anything is touched', async () => {
    const startedAt = () => ask(id, PASSWORD, 'SELECT pg_postmaster_start_time()');
    const before = await startedAt();
    await inside(id, 'ln -s /tmp/elsewhere /windlass/data/pgdata/extra');
    expect(await failure(await restore(id, {}))).toContain(
      "its data directory has the link 'extra' to '/tmp/elsewhere'",
    );
    await inside(id, 'rm /windlass/data/pgdata/extra');
    await inside(id, 'mkdir -m 700 /tmp/outside');
    await asSuperuser(id, "CREATE TABLESPACE outside LOCATION '/tmp/outside'");
    expect(await failure(await restore(id, {}))).toContain("a tablespace of it lies at '/tmp/outside', outside of /windlass/data"); // prettier-ignore
    expect([await startedAt(), await leftBy(id), (await database(id)).state]).toEqual([before, '', 'available']);
    await asSuperuser(id, 'DROP TABLESPACE outside');
  });

  test('a linked pg_wal is refused by name', async () => {
    const data = '/windlass/data/pgdata';
    await inside(id, `sh -c 'cp -r ${data}/pg_wal /windlass/data/wal && mv ${data}/pg_wal ${data}/former_wal && ln -s /windlass/data/wal ${data}/pg_wal'`); // prettier-ignore
    expect(await failure(await restore(id, {}))).toContain("its data directory has the link 'pg_wal' to '/windlass/data/wal'"); // prettier-ignore
    await inside(id, `sh -c 'rm ${data}/pg_wal && mv ${data}/former_wal ${data}/pg_wal'`);
  });
});
