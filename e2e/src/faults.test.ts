import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  accept,
  call,
  create,
  database,
  ended,
  get,
  logOf,
  remove,
  specOf,
  sql,
  taskNow,
  type Task,
} from './client.ts';
import { bash, ENV, etcdctl, HOME, processCommand, until, workerAlive } from './stack.ts';

/** A worker that is back must be at work again within this time; half of it is for a busy machine. */
const RESUME_WITHIN_MS = 10_000;
/** From its start until it says that it is ready; most of that is Node reading code, on a machine that does other things, too. */
const READY_WITHIN_MS = 60_000;
const POINTS = ['recorded', 'done', 'stored'] as const;

const timesReady = (): number =>
  readFileSync(path.join(HOME, 'log/worker.log'), 'utf8').split('"msg":"worker ready"').length;
/** Starts the worker again; resolves when it is ready, or has died again by then. */
async function restartWorker(): Promise<void> {
  const before = timesReady();
  processCommand('start', 'worker');
  await until('the worker to be ready', async () => timesReady() > before || !(await workerAlive()), READY_WITHIN_MS);
}
/** Nothing of a database is left in Docker; an engine shows a network that Swarm has removed for some seconds more. */
const gone = (id: string): Promise<boolean> => {
  const lists = ['service ls -q', 'ps -aq', 'network ls -q'];
  const script = lists.map((list) => `docker ${list} --filter label=windlass.database=${id}`).join('; ');
  return until(`${id} to be gone from Docker`, async () => (await bash(script)) === '', 15_000);
};
const left = (): string[] =>
  readFileSync(ENV.FAILPOINTS_FILE, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
const status = async (id: string, task: Task): Promise<string> => (await taskNow(id, task)).status;

/** Lets the worker die at every failpoint of the task, one after the other; returns how often it died. */
async function killAtEveryPoint(id: string, task: Task): Promise<number> {
  let kills = 0;
  for (;;) {
    const what = await until(
      'the task to end or the worker to die',
      async () => ((await workerAlive()) ? (await status(id, task)) === 'completed' && 'completed' : 'dead'),
      30_000,
    );
    if (what === 'completed') return kills;
    const before = left().length;
    await restartWorker();
    kills += 1;
    const progress = async (): Promise<boolean> =>
      left().length < before || !(await workerAlive()) || (await status(id, task)) === 'completed';
    if (before > 0) await until('the task to go on', progress, RESUME_WITHIN_MS);
  }
}

async function stepsOf(id: string, task: Task): Promise<{ action: string; kind: string }[]> {
  const plan = await until('the plan', async () => {
    const answer = await call<{ steps: { action: string; resource: string }[] }>(
      'GET',
      `/v1/databases/${id}/tasks/${task.task_id}/plan`,
    );
    return answer.status === 200 && answer.body.steps;
  });
  return plan.map((s) => ({ action: s.action, kind: s.resource.split('::')[0] ?? '' }));
}

const failpointsFor = (steps: readonly { action: string; kind: string }[]): string =>
  steps.flatMap(({ action, kind }) => POINTS.map((point) => `${point} ${action} ${kind}`)).join('\n');

/** Some sixty kills, each followed by a start of the worker. */
const KILLS_WITHIN_MS = 900_000;

afterEach(async () => {
  writeFileSync(ENV.FAILPOINTS_FILE, '');
  if (!(await workerAlive())) await restartWorker();
});

test(
  'the worker is killed before, in and after every step of a create and of a delete; both complete, nothing is there twice or left',
  async () => {
    await create('model');
    const { tasks } = await get<{ tasks: Task[] }>('/v1/databases/model/tasks');
    const steps = await stepsOf('model', tasks[0] as Task);
    await remove('model');

    writeFileSync(ENV.FAILPOINTS_FILE, failpointsFor(steps));
    const creating = await accept('POST', '/v1/databases', { id: 'mortal', spec: specOf('mortal') });
    const createKills = await killAtEveryPoint('mortal', creating);
    expect(left()).toEqual([]);
    expect(
      (
        await bash(
          'docker service ls -q --filter label=windlass.database=mortal; docker network ls -q --filter label=windlass.database=mortal',
        )
      )
        .trim()
        .split('\n'),
    ).toHaveLength(2);
    expect(await sql('mortal', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await logOf('mortal', creating)).toContainEqual(
      expect.stringMatching(
        /^error while creating .*: its worker gave no answer \(heartbeat timeout\) \(attempt 1 of 20, /,
      ),
    );

    const doomed = [
      'swarm.service',
      'swarm.network',
      'patroni.cluster',
      'etcd.access',
      'host.directories',
      'host.port',
    ].map((kind) => ({ action: 'delete', kind }));
    writeFileSync(ENV.FAILPOINTS_FILE, failpointsFor(doomed));
    const deleting = await accept('DELETE', '/v1/databases/mortal');
    const deleteKills = await killAtEveryPoint('mortal', deleting);
    // Steps of a delete run side by side: one that was already stored when another killed the worker does not run again.
    expect(left().filter((line) => !line.startsWith('stored delete'))).toEqual([]);
    await gone('mortal');
    process.stderr.write(
      `worker kills survived: ${String(createKills)} in a create of ${String(steps.length)} steps, ${String(deleteKills)} in a delete of ${String(doomed.length)}\n`,
    );
  },
  KILLS_WITHIN_MS,
);

test.each(['server', 'temporal', 'etcd'] as const)(
  '%s is killed in the middle of a create and started again: the task completes',
  async (name) => {
    const id = `survives-${name}`;
    const task = await accept('POST', '/v1/databases', { id, spec: specOf(id) });
    processCommand('kill', name);
    processCommand('start', name);
    await until('the API to answer', async () => (await call('GET', '/v1/databases')).status === 200);
    expect(await ended(id, task)).toMatchObject({ status: 'completed' });
    await until('the database to take writes', async () => (await sql(id, 'SELECT 1 AS one')).length === 1);
    await remove(id);
  },
);

/** From the moment in which another worker is ready; what the frozen one was given last times out in 15 s at most. */
const GOES_ON_WITHIN_MS = 30_000;
const thereIsAService = (id: string): Promise<boolean> =>
  until('the service to be there', async () => (await bash('docker service ls --format "{{.Name}}"')).includes(id));

test.each([
  ['when a create is accepted', 'haunted-early', () => Promise.resolve()],
  ['in the middle of a create', 'haunted', thereIsAService],
] as const)(
  'row 4: a worker stands still %s, another one does its work: the create goes on, and who wakes up changes nothing',
  async (_moment, id, moment) => {
    const frozen = (await bash('bin/lib/process.sh pid worker')).trim();
    const task = await accept('POST', '/v1/databases', { id, spec: specOf(id) });
    await moment(id);
    process.kill(Number(frozen), 'SIGSTOP');
    try {
      await bash(`rm ${path.join(HOME, 'run/worker.pid')}`);
      await restartWorker();
      expect(await ended(id, task, GOES_ON_WITHIN_MS)).toMatchObject({ status: 'completed' });
      expect(await sql(id, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await remove(id);
      process.kill(Number(frozen), 'SIGCONT');
      process.kill(Number(frozen), 'SIGTERM'); // it ends what it had begun, then itself
      await until('the worker that was frozen to end', async () => (await bash(`kill -0 ${frozen} 2>&1; true`)) !== '');
      await gone(id);
      expect(await etcdctl(`get --prefix --keys-only /windlass/resources/${id}/`)).toBe('');
    } finally {
      await bash(`kill -KILL ${frozen} 2>/dev/null; true`);
    }
  },
);

test('row 32: of a hundred updates at once one at a time is taken, the others are told, none is lost', async () => {
  await create('contended');
  const sizes = Array.from({ length: 100 }, (_, i) => `${String(i + 4)}MB`);
  const answers = await Promise.all(
    sizes.map(async (work_mem) => {
      const spec = specOf('contended', { postgresql_conf: { work_mem } });
      const answer = await call<{ task?: Task; name?: string }>('POST', '/v1/databases/contended', { spec });
      return { ...answer, work_mem };
    }),
  );
  const taken = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(taken.length).toBeGreaterThan(0);
  expect(refused.length).toBeGreaterThan(50); // a task takes longer than the answers
  const busy = expect.stringMatching(/^(operation_already_in_progress|database_not_modifiable)$/) as string;
  for (const { status, body } of refused) expect([status, body.name]).toEqual([409, busy]);
  for (const { body } of taken) expect((await ended('contended', body.task as Task)).status).toBe('completed');
  const { tasks } = await get<{ tasks: Task[] }>('/v1/databases/contended/tasks');
  const updates = tasks.filter(({ type }) => type === 'update').map(({ task_id }) => task_id);
  expect(updates.sort()).toEqual(taken.map(({ body }) => body.task?.task_id).sort());
  const last = taken.find(({ body }) => body.task?.task_id === updates.at(-1))?.work_mem;
  expect((await database('contended')).spec).toMatchObject({ postgresql_conf: { work_mem: last } });
  expect(await sql('contended', 'SHOW work_mem')).toEqual([{ work_mem: last }]);
  await remove('contended');
});

test('what was accepted while Temporal was away is done when it is back', async () => {
  processCommand('kill', 'temporal');
  const task = await accept('POST', '/v1/databases', { id: 'patient', spec: specOf('patient') });
  const ready = await call('GET', '/readyz');
  expect(ready.status).toBe(503);
  processCommand('start', 'temporal');
  expect(await ended('patient', task)).toMatchObject({ status: 'completed' });
  await remove('patient');
});

test('without etcd the API says so within 3 s, and recovers by itself', async () => {
  await until('a calm start', async () => (await call('GET', '/v1/databases')).status === 200);
  processCommand('kill', 'etcd');
  const begun = Date.now();
  const answer = await call<{ name: string }>('GET', '/v1/databases');
  expect([answer.status, answer.body.name]).toEqual([503, 'store_unavailable']);
  expect(Date.now() - begun).toBeLessThan(3500);
  processCommand('start', 'etcd');
  await until('the API to recover', async () => (await call('GET', '/v1/databases')).status === 200, 10_000);
});

test('a delete takes over from a create that is running', async () => {
  const task = await accept('POST', '/v1/databases', { id: 'brief', spec: specOf('brief') });
  await until('the service to be there', async () =>
    (await bash('docker service ls --format "{{.Name}}"')).includes('brief'),
  );
  expect((await call('DELETE', '/v1/databases/brief')).status).toBe(409);
  const deleting = await accept('DELETE', '/v1/databases/brief?force=true');
  expect(await ended('brief', deleting)).toMatchObject({ status: 'completed' });
  expect(await status('brief', task)).toBe('canceled');
  await gone('brief');
  expect((await call('GET', '/v1/databases/brief')).status).toBe(404);
});

test('nothing is left behind by this file', async () => {
  const { databases } = await get<{ databases: { id: string }[] }>('/v1/databases');
  expect(databases.filter((d) => /mortal|survives|patient|brief/.test(d.id))).toEqual([]);
  expect(await database('mortal')).toMatchObject({ name: 'not_found' });
});
