import pg from 'pg';
import {
  accept,
  call,
  completed,
  database,
  done,
  ended,
  get,
  logOf,
  portOf,
  remove,
  specOf,
  type Task,
} from './client.ts';
import { cancel, cancelIn, deleteWhile, disarm, disarmAll, hangIn, type Begin } from './hang-in.ts';
import { heeded, inTurn, promised } from './hang-promises.ts';
import { ask, originOf, REPOSITORY } from './restore-client.ts';
import { bash, until } from './stack.ts';

const BACKUPS = { backup_config: { repositories: [REPOSITORY] } };
const declared = (id: string) => ({ ...specOf('shop', BACKUPS), database_users: specOf(id).database_users });

afterEach(disarmAll);

/** Docker now and then cannot freeze a container in which programs come and go: then it is asked again. */
const freeze = (which: string): Promise<unknown> =>
  until('a container to stand still', async () =>
    (await bash(`docker pause $(docker ps -q ${which}) >/dev/null 2>&1 && echo frozen || true`)).includes('frozen'),
  );

test('a create that hangs at any of its steps is canceled; an update that hangs there gives way to a forced delete', async () => {
  const create = (id: string): Promise<Task> => accept('POST', '/v1/databases', { id, spec: declared(id) });
  const whole = await create('hang-whole');
  await ended('hang-whole', whole);
  const { body } = await call<{ steps: { action: string; resource: string }[] }>(
    'GET',
    `/v1/databases/hang-whole/tasks/${whole.task_id}/plan`,
  );
  const kinds = [...new Set(body.steps.map((s) => s.resource.split('::')[0] ?? ''))];
  expect(kinds.length).toBeGreaterThan(8);
  const points = ['beginTask', 'planChange', ...kinds.map((kind) => `applyStep create ${kind}`)];
  const times: number[] = [];
  const takeovers = await inTurn(points, 3, async (point, i) => {
    const id = `hang-c${String(i)}`;
    times.push(await cancelIn(id, i % 2 === 0 ? 'hang' : 'deaf', point, () => create(id)));
    const again = (): Promise<Task> => accept('POST', `/v1/databases/${id}`, { spec: declared(id) });
    const updating = await hangIn(id, i % 2 === 0 ? 'deaf' : 'hang', point, again);
    return deleteWhile(id, updating);
  });
  heeded(times);
  promised(takeovers);
  await remove('hang-whole');
}, 240_000);

describe('of a database that serves', () => {
  const ID = 'hang-ops';
  let instance = '';
  let label = '';
  const path = `/v1/databases/${ID}`;
  const backup = () => accept('POST', `${path}/nodes/n1/backups`, { type: 'full' });
  const onBackup = (method: string, verb = '') => accept(method, `${path}/nodes/n1/backups/${label}${verb}`);
  const restore = () => accept('POST', `${path}/restore`, { restore_config: originOf(ID) });
  const update = (max: number) => accept('POST', path, { spec: { ...declared(ID), postgresql_conf: { work_mem: `${String(max)}MB` } } }); // prettier-ignore
  const onInstance = (verb: string) => accept('POST', `${path}/instances/${instance}/${verb}`, {});
  const available = () =>
    until('it to be available', async () => (await database(ID)).instances?.[0]?.state === 'available');

  beforeAll(async () => {
    await done(ID, 'POST', '/v1/databases', { id: ID, spec: declared(ID) });
    instance = (await database(ID)).instances?.[0]?.id ?? '';
    await ended(ID, await backup());
    const { backups } = await get<{ backups: { label: string }[] }>(`${path}/nodes/n1/backups`);
    label = backups[0]?.label ?? '';
  }, 60_000);
  afterAll(() => remove(ID));

  let memory = 4;
  const OPERATIONS: readonly (readonly [string, Begin, readonly string[]])[] = [
    ['backup', backup, ['beginBeside', 'findNode', 'noteInstance', 'takeBackup']],
    ['verify', () => onBackup('POST', '/verify'), ['beginBeside', 'noteInstance', 'verifyBackup']],
    ['delete of a backup', () => onBackup('DELETE'), ['beginBeside', 'noteInstance', 'removeBackup']],
    ['restart', () => onInstance('restart'), ['beginOperation', 'findNode', 'noteStart', 'restartPostgres', 'sampleInstances']], // prettier-ignore
    ['update', () => update((memory += 1)), ['beginTask', 'refreshHost', 'planChange', 'applyStep update postgres.settings', 'sampleInstances']], // prettier-ignore
    ['restore', restore, ['beginOperation', 'archiveNow', 'findBackup', 'copyBackup', 'recoverCopy', 'holdInstance', 'swapData']], // prettier-ignore
    ['stop', () => onInstance('stop-instance'), ['beginOperation', 'findNode', 'setStopped']],
  ];

  test.each(OPERATIONS)('a %s is canceled wherever it hangs', async (_name, begin, activities) => {
    const times: number[] = [];
    for (const [i, activity] of activities.entries()) {
      await available();
      times.push(await cancelIn(ID, i % 2 === 0 ? 'hang' : 'deaf', activity, begin));
    }
    heeded(times);
  }, 300_000); // prettier-ignore

  test('a step that waits for a lock in Postgres is canceled, however often: its connection ends, and that is no failure', async () => {
    const users = [...declared(ID).database_users, { username: 'gone', password: 'pw-gone', attributes: ['LOGIN'] }];
    await done(ID, 'POST', path, { spec: { ...declared(ID), database_users: users } });
    await ask(ID, `pw-${ID}`, 'GRANT CREATE ON SCHEMA public TO gone');
    await ask(ID, 'pw-gone', 'CREATE TABLE held (i int)', 'gone');
    await ask(ID, 'pw-gone', 'GRANT SELECT ON held TO app', 'gone');
    const place = { host: '127.0.0.1', port: await portOf(ID), database: 'shop' };
    const holder = new pg.Client({ ...place, user: 'app', password: `pw-${ID}` });
    await holder.connect();
    await holder.query('BEGIN; SELECT * FROM held');
    const times: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      const task = await accept('POST', path, { spec: declared(ID) });
      const waits = 'SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted';
      await until('a step to wait', async () => ((await holder.query(waits)).rows[0] as { n: number }).n > 0);
      const begun = Date.now();
      await cancel(ID, task);
      const { status, error } = await ended(ID, task);
      times.push(Date.now() - begun);
      expect([status, error]).toEqual(['canceled', undefined]);
    }
    await holder.query('ROLLBACK');
    await holder.end();
    heeded(times);
    await done(ID, 'POST', path, { spec: declared(ID) });
  }, 120_000);

  test('a restore that hangs while the copy starts says so in its log, and puts back what ran before when it is canceled', async () => {
    await ended(ID, await update(32));
    const task = await hangIn(ID, 'hang', 'awaitReady', restore);
    await cancel(ID, task);
    expect((await ended(ID, task)).status).toBe('canceled');
    expect(await logOf(ID, task)).toContain('everybody runs again with the data they had');
    await available();
    expect((await database(ID)).state).toBe('available');
  }, 120_000);

  test('an undo of a restore is canceled wherever it hangs, and can be done all the same', async () => {
    await completed(ID, await restore(), 120_000);
    const undo = () => accept('POST', `${path}/restore:undo`);
    const times: number[] = [];
    for (const [i, activity] of ['beginOperation', 'locateRestore', 'archiveNow', 'recoverCopy', 'holdInstance', 'swapData'].entries()) {
      await available();
      times.push(await cancelIn(ID, i % 2 === 0 ? 'hang' : 'deaf', activity, undo));
    }
    heeded(times);
    await available();
    await completed(ID, await undo(), 120_000);
  }, 240_000); // prettier-ignore

  test('a start is canceled wherever it hangs', async () => {
    await ended(ID, await onInstance('stop-instance'));
    const times: number[] = [];
    for (const activity of ['beginTask', 'setStopped', 'planChange'])
      times.push(await cancelIn(ID, 'hang', activity, () => onInstance('start-instance')));
    heeded(times);
  }, 120_000);
});

test('a forced delete takes over from every operation, whatever it does, and ends what it left in the world', async () => {
  const whenPaused = async (id: string): Promise<Task> => {
    const task = await hangIn(id, 'hang', 'recoverCopy', () => accept('POST', `/v1/databases/${id}/restore`, { restore_config: originOf(id) })); // prettier-ignore
    await freeze(`--filter label=windlass.restore --filter label=windlass.database=${id}`);
    disarm(id);
    return task;
  };
  const backup = (id: string) => accept('POST', `/v1/databases/${id}/nodes/n1/backups`, { type: 'full' });
  const restore = (id: string) => accept('POST', `/v1/databases/${id}/restore`, { restore_config: originOf(id) });
  const on = (verb: string) => async (id: string) =>
    accept('POST', `/v1/databases/${id}/instances/${(await database(id)).instances?.[0]?.id ?? ''}/${verb}`, {});
  const onBackup =
    (method: string, verb = '') =>
    async (id: string) => {
      const { backups } = await get<{ backups: { label: string }[] }>(`/v1/databases/${id}/nodes/n1/backups`);
      return accept(method, `/v1/databases/${id}/nodes/n1/backups/${backups[0]?.label ?? ''}${verb}`);
    };
  const whenUndone = async (id: string): Promise<Task> => {
    await completed(id, await restore(id), 120_000);
    return hangIn(id, 'deaf', 'swapData', () => accept('POST', `/v1/databases/${id}/restore:undo`));
  };
  const plain = (id: string) => accept('DELETE', `/v1/databases/${id}`);
  const cases: readonly (readonly [string, (id: string) => Promise<Task>])[] = [
    ['backup', (id) => hangIn(id, 'deaf', 'takeBackup', () => backup(id))],
    ['paused', whenPaused],
    ['swap', (id) => hangIn(id, 'deaf', 'swapData', () => restore(id))],
    ['start', (id) => hangIn(id, 'deaf', 'awaitReady', () => restore(id))],
    ['clean', (id) => hangIn(id, 'deaf', 'discardRestore', () => restore(id))],
    ['verify-copy', (id) => hangIn(id, 'deaf', 'verifyBackup', () => onBackup('POST', '/verify')(id))],
    ['unbackup-copy', (id) => hangIn(id, 'deaf', 'removeBackup', () => onBackup('DELETE')(id))],
    ['undo-copy', whenUndone],
    ['restart', (id) => hangIn(id, 'deaf', 'restartPostgres', () => on('restart')(id))],
    ['stop', (id) => hangIn(id, 'deaf', 'setStopped', () => on('stop-instance')(id))],
    ['delete', (id) => hangIn(id, 'deaf', 'applyStep delete swarm.service', () => plain(id))],
    [
      'frozen',
      async (id) => {
        await freeze(`--filter label=windlass.database=${id}`);
        return accept('POST', `/v1/databases/${id}`, {
          spec: { ...declared(id), postgresql_conf: { work_mem: '9MB' } },
        });
      },
    ],
    ['twice', (id) => hangIn(id, 'deaf', 'refreshHost', () => plain(id))],
  ];
  const takeovers = await inTurn(cases, 3, async ([name, begin]) => {
    const id = `hang-d-${name}`;
    await done(id, 'POST', '/v1/databases', { id, spec: declared(id) });
    if (/paused|swap|start|clean|copy/.test(name)) await ended(id, await backup(id));
    return deleteWhile(id, await begin(id));
  });
  promised(takeovers);
}, 300_000);
