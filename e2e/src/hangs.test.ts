import { readFileSync, writeFileSync } from 'node:fs';
import { accept, call, database, done, ended, get, hasEnded, remove, specOf, type Task } from './client.ts';
import { originOf, REPOSITORY } from './restore-client.ts';
import { bash, ENV, until } from './stack.ts';

/** What is promised of a cancel and of a forced delete, whatever hangs. */
const CANCELED_WITHIN_MS = 2000;
const TAKES_OVER_WITHIN_MS = 5000;
const DELETED_WITHIN_MS = 60_000;

const BACKUPS = { backup_config: { repositories: [REPOSITORY] } };
const declared = (id: string) => ({ ...specOf('shop', BACKUPS), database_users: specOf(id).database_users });

const armed = (): string[] => readFileSync(ENV.FAILPOINTS_FILE, 'utf8').split('\n').filter(Boolean);
const arm = (line: string): void => writeFileSync(ENV.FAILPOINTS_FILE, [...armed(), line].join('\n'));
const disarm = (line: string): void =>
  writeFileSync(ENV.FAILPOINTS_FILE, armed().filter((one) => !one.startsWith(line)).join('\n')); // prettier-ignore
afterEach(() => writeFileSync(ENV.FAILPOINTS_FILE, ''));

type Begin = () => Promise<Task>;
const taskOf = (id: string, { task_id }: Task): Promise<Task> => get<Task>(`/v1/databases/${id}/tasks/${task_id}`);
const cancel = (id: string, { task_id }: Task) => call('GET', `/v1/databases/${id}/tasks/${task_id}/cancel`);
const logOf = async (id: string, { task_id }: Task): Promise<string[]> => {
  const { entries } = await get<{ entries: { message: string }[] }>(`/v1/databases/${id}/tasks/${task_id}/log`);
  return entries.map((entry) => entry.message);
};

/** Begins an operation and waits until its activity hangs. */
async function hangIn(id: string, how: 'hang' | 'deaf', activity: string, begin: Begin): Promise<Task> {
  const line = `${how} ${id} ${activity}`;
  arm(line);
  const task = await begin();
  await until(`${activity} of ${id} to hang`, async () => {
    if (armed().includes(`${line} hung`)) return true;
    const { status, error = '' } = await taskOf(id, task);
    if (hasEnded({ status })) throw new Error(`it is ${status} ${error}`);
    return false;
  });
  return task;
}

/** How long a cancel of an operation took that hangs in this activity; it ends as canceled. */
async function cancelIn(id: string, how: 'hang' | 'deaf', activity: string, begin: Begin): Promise<number> {
  const task = await hangIn(id, how, activity, begin);
  const begun = Date.now();
  await cancel(id, task);
  const end = await ended(id, task, 30_000);
  const took = Date.now() - begun;
  disarm(`${how} ${id} ${activity}`);
  expect([activity, end.status, end.error]).toEqual([activity, 'canceled', undefined]);
  return took;
}

interface Takeover {
  readonly tookOver: number;
  readonly deleted: number;
}

/** How long a forced delete took of a database whose operation hangs; that one ends as canceled, and nothing is left. */
async function deleteWhile(id: string, hanging: Task | undefined): Promise<Takeover> {
  const begun = Date.now();
  const deleting = await accept('DELETE', `/v1/databases/${id}?force=true`);
  await until('the delete to begin', async () => (await taskOf(id, deleting)).status !== 'pending', 60_000);
  const tookOver = Date.now() - begun;
  const { status, error } = await ended(id, deleting, 90_000);
  const deleted = Date.now() - begun;
  expect([id, status, error]).toEqual([id, 'completed', undefined]);
  const how = hanging && (await until('the other task to end', async () => hasEnded(await taskOf(id, hanging)) && taskOf(id, hanging))); // prettier-ignore
  if (how) expect([id, how.type, how.status]).toEqual([id, how.type, 'canceled']);
  const lists = ['service ls -q', 'ps -aq'].map((list) => `docker ${list} --filter label=windlass.database=${id}`);
  await until(`${id} to be gone from Docker`, async () => (await bash(lists.join('; '))) === '', 15_000);
  return { tookOver, deleted };
}

async function inTurn<T, R>(all: readonly T[], atOnce: number, work: (one: T, i: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...all.entries()];
  const one = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) results.push(await work(next[1], next[0]));
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return results;
}

function report(what: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const [median, last] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  process.stderr.write(
    `${what}: ${String(times.length)} times, median ${String(median)} ms, at most ${String(last)} ms\n`,
  );
}
function promised(takeovers: readonly Takeover[]): void {
  report('a forced delete took over', takeovers.map((t) => t.tookOver)); // prettier-ignore
  report('it was completed', takeovers.map((t) => t.deleted)); // prettier-ignore
  for (const { tookOver, deleted } of takeovers) {
    expect(tookOver).toBeLessThan(TAKES_OVER_WITHIN_MS);
    expect(deleted).toBeLessThan(DELETED_WITHIN_MS);
  }
}
function heeded(times: readonly number[]): void {
  report('a cancel', times);
  for (const time of times) expect(time).toBeLessThan(CANCELED_WITHIN_MS);
}

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

  test('a restore that hangs while the copy starts says so in its log, and puts back what ran before when it is canceled', async () => {
    await ended(ID, await update(32));
    const task = await hangIn(ID, 'hang', 'awaitReady', restore);
    await cancel(ID, task);
    expect((await ended(ID, task)).status).toBe('canceled');
    expect(await logOf(ID, task)).toContain('everybody runs again with the data they had');
    await available();
    expect((await database(ID)).state).toBe('available');
  }, 120_000);

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
    await bash(`docker pause $(docker ps -q --filter label=windlass.restore --filter label=windlass.database=${id})`);
    disarm(`hang ${id} recoverCopy`);
    return task;
  };
  const backup = (id: string) => accept('POST', `/v1/databases/${id}/nodes/n1/backups`, { type: 'full' });
  const restore = (id: string) => accept('POST', `/v1/databases/${id}/restore`, { restore_config: originOf(id) });
  const on = (verb: string) => async (id: string) =>
    accept('POST', `/v1/databases/${id}/instances/${(await database(id)).instances?.[0]?.id ?? ''}/${verb}`, {});
  const plain = (id: string) => accept('DELETE', `/v1/databases/${id}`);
  const cases: readonly (readonly [string, (id: string) => Promise<Task>])[] = [
    ['backup', (id) => hangIn(id, 'deaf', 'takeBackup', () => backup(id))],
    ['paused', whenPaused],
    ['swap', (id) => hangIn(id, 'deaf', 'swapData', () => restore(id))],
    ['start', (id) => hangIn(id, 'deaf', 'awaitReady', () => restore(id))],
    ['clean', (id) => hangIn(id, 'deaf', 'discardRestore', () => restore(id))],
    ['restart', (id) => hangIn(id, 'deaf', 'restartPostgres', () => on('restart')(id))],
    ['stop', (id) => hangIn(id, 'deaf', 'setStopped', () => on('stop-instance')(id))],
    ['delete', (id) => hangIn(id, 'deaf', 'applyStep delete swarm.service', () => plain(id))],
    [
      'frozen',
      async (id) => {
        await bash(`docker pause $(docker ps -q --filter label=windlass.database=${id})`);
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
    if (/paused|swap|start|clean/.test(name)) await ended(id, await backup(id));
    return deleteWhile(id, await begin(id));
  });
  promised(takeovers);
}, 300_000);
