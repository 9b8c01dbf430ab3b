import { readFileSync, writeFileSync } from 'node:fs';
import { accept, call, database, done, ended, remove, taskNow, type Task } from './client.ts';
import { asSuperuser, inside } from './container.ts';
import { ask, completed, leftBy, restore, specOf } from './restore-client.ts';
import { bash, ENV, HOME, processCommand, until, workerAlive } from './stack.ts';
import { addTablespace, backUp, backups, conditions, count, location, PASSWORD } from './tablespaces.ts';

const id = 'spaced-faults';
beforeAll(async () => {
  await done(id, 'POST', '/v1/databases', { id, spec: specOf(PASSWORD) });
  await addTablespace(id, 'fast', 'orders');
  await backUp(id);
});
afterEach(() => writeFileSync(ENV.FAILPOINTS_FILE, ''));
afterAll(() => remove(id));

const failure = async (task: Task): Promise<string> => (await ended(id, task, 120_000)).error ?? '';

async function endsThoughKilled(task: Task): Promise<void> {
  const isOpen = async () => ['pending', 'running'].includes((await taskNow(id, task)).status);
  while (
    (await until(
      'the task to end or the worker to die',
      async () => ((await workerAlive()) ? !(await isOpen()) && 'ended' : 'dead'),
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
  await until('the worker to die', async () => !(await workerAlive()), 60_000);
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
  expect(await failure(await restore(id, {}))).toContain("its data directory has the link 'extra' to '/tmp/elsewhere'");
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
