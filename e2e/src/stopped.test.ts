import { accept, completed, create, database, get, logOf, remove, specOf, type Task } from './client.ts';
import { asSuperuser } from './container.ts';

const ID = 'stopped';
const reader = { username: 'reader', password: 'pw-reader', attributes: ['LOGIN'] };
const declared = { database_users: [...specOf(ID).database_users, reader], scripts: { post_init: ['SELECT 1'] } };
const at = (path: string): string => `/v1/databases/${ID}${path}`;
const run = async (path: string, body?: object): Promise<Task> =>
  completed(ID, await accept('POST', at(path), body), 120_000);

const instance = async (): Promise<string> => (await database(ID)).instances?.[0]?.id ?? '';
const roles = (): Promise<string> =>
  asSuperuser(
    ID,
    `SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname IN ('app', 'reader')`,
    'postgres',
  );
const planOf = async (task: Task): Promise<string> =>
  (await get<{ text: string }>(at(`/tasks/${task.task_id}/plan`))).text;
const scripts = async (): Promise<string[]> =>
  (await get<{ resources: { resource: string }[] }>(at('/resources'))).resources
    .map(({ resource }) => resource)
    .filter((resource) => resource.startsWith('postgres.script::'));

const WAITING = [
  'update postgres.roles::n1 because its spec changed (afterScript, roles), as soon as what it is in runs again',
  'delete postgres.script::n1:post_init because it is no longer wanted, as soon as what it is in runs again',
];

afterAll(() => remove(ID).catch(() => undefined));

test('what is left out while the only instance is stopped waits, is told, and is gone when it was started', async () => {
  await create(ID, declared);
  expect([await roles(), await scripts()]).toEqual(['app reader', ['postgres.script::n1:post_init']]);
  await run(`/instances/${await instance()}/stop-instance`);

  const update = await run('?force_update=true', { spec: specOf(ID) });
  expect((await planOf(update)).split('\n')).toEqual(expect.arrayContaining(WAITING));
  expect(await logOf(ID, update)).toEqual(expect.arrayContaining(WAITING));
  expect(await scripts()).toEqual(['postgres.script::n1:post_init']);

  await run(`/instances/${await instance()}/start-instance`);
  expect([await roles(), await scripts()]).toEqual(['app', []]);
  expect(await planOf(await run('', { spec: specOf(ID) }))).toBe('nothing to do: everything is as declared');
});
