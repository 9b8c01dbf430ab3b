import { readFileSync, writeFileSync } from 'node:fs';
import { accept, completed, done, ended, get, hasEnded, remove, taskNow, type Task } from './client.ts';
import { cancel } from './hang-in.ts';
import { TABLE, whileTheyWrite, writeTo } from './node-writers.ts';
import { SeveralNodes } from './several-nodes.ts';
import { bash, ENV, HOME, HOST, processCommand, until, workerAlive } from './stack.ts';

const ID = 'add-node';
const db = new SeveralNodes(ID);
const app = { username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] };
const node = (name: string) => ({ name, host_ids: [HOST] });
const specOf = (...names: string[]) => ({
  ...{ database_name: 'shop', port: 0, database_users: [app] },
  nodes: names.map(node),
});
const declare = (...names: string[]): Promise<Task> =>
  accept('POST', `/v1/databases/${ID}`, { spec: specOf(...names) });
const inside = (instance: string, text: string): Promise<string> => db.inside(instance, text);

interface Comparison {
  readonly equal: boolean;
  readonly nodes: readonly string[];
}

/** As happens after a node has come. */
const compared = (...names: string[]): Promise<unknown> =>
  until(
    `${names.join(', ')} to be compared by themselves`,
    async () => {
      const { equal, nodes } = await get<Comparison>(`/v1/databases/${ID}/compare`);
      return nodes.join() === names.join() && equal;
    },
    120_000,
  );

/** Writes to these nodes while something is done, and to those that come as soon as they let anybody in. */
const whileAllWrite = (names: readonly string[], work: () => Promise<unknown>): Promise<unknown> =>
  whileTheyWrite(
    names.map((name) => writeTo(name, () => db.connect(name))),
    work,
  );

const POINTS = ['recorded', 'done', 'stored'];

/** A worker that has died is started again. */
async function goesOn(task: Task): Promise<boolean> {
  if (!(await workerAlive())) processCommand('start', 'worker');
  return hasEnded(await taskNow(ID, task));
}

/** What there is once slots are made, the copy is begun, it is complete, and it is recovered and becomes a node; relative to the data of the instance. */
const STAGES = ['restore-copy-*/services', 'pgdata.copy-*', 'restore-copy-*/until', 'restore-copy-*/serving'];

/** Kills the worker at each stage of the copy. Gives at how many: the last one is over in a moment. */
async function killedWhileItCopies(name: string, task: Task): Promise<number> {
  let kills = 0;
  for (const stage of STAGES) {
    const there = `ls -d ${HOME}/data/${HOST}/instances/${ID}-${name}-*/data/${stage} 2>/dev/null || true`;
    const isThere = async (): Promise<boolean> => (await bash(there)) !== '';
    if (await until(`${stage} to be there`, async () => ((await isThere()) ? 'kill' : (await goesOn(task)) && 'over'), 120_000) === 'over') break; // prettier-ignore
    if (await workerAlive()) processCommand('kill', 'worker');
    kills += 1;
  }
  return kills;
}

beforeAll(() => done(ID, 'POST', '/v1/databases', { id: ID, spec: specOf('n1') }, 120_000), 600_000);
afterAll(async () => {
  writeFileSync(ENV.FAILPOINTS_FILE, '');
  if (!(await workerAlive())) processCommand('start', 'worker');
  await db.close();
  await remove(ID).catch(() => undefined);
});

test('a second node comes to a plain database that is written to', async () => {
  await db.sql('n1', TABLE);
  await db.sql('n1', `INSERT INTO w SELECT 'old-' || i, i, 'before' FROM generate_series(1, 5000) i`);
  await whileAllWrite(['n1', 'n2'], async () => {
    await completed(ID, await declare('n1', 'n2'), 600_000);
  });
  expect((await db.equal('w', ['n1', 'n2'])).length).toBeGreaterThan(5000);
  await compared('n1', 'n2');
}, 300_000);

test('a third one, while all are written to, the new one as soon as it lets anybody in', async () => {
  await whileAllWrite(['n1', 'n2', 'n3'], async () => {
    await completed(ID, await declare('n1', 'n2', 'n3'), 600_000);
  });
  expect((await db.equal('w', ['n1', 'n2', 'n3'])).length).toBeGreaterThan(5000);
}, 300_000);

test('a copy that is canceled leaves nothing at the others; two nodes come at once after that', async () => {
  const task = await declare('n1', 'n2', 'n3', 'n4');
  const slots = `SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'windlass_n4'`;
  const [first, second] = await Promise.all(['n1', 'n2'].map((name) => db.primaryOf(name)));
  await until('the slot of the new node', async () => (await inside(first?.id ?? '', slots)) === '1\n', 60_000);
  await cancel(ID, task);
  expect((await ended(ID, task)).status).toBe('canceled');
  for (const { id } of [first, second].filter((one) => one !== undefined))
    await until('no slot to be left', async () => (await inside(id, slots)) === '0\n', 30_000);
  await expect(declare('n1', 'n2', 'n3', 'n4', 'n5')).rejects.toThrow("node 'n4' was not added to its end");
  await completed(ID, await declare('n1', 'n2', 'n3'), 600_000);
  await whileAllWrite(['n1', 'n2', 'n3', 'n4', 'n5'], async () => {
    await completed(ID, await declare('n1', 'n2', 'n3', 'n4', 'n5'), 600_000);
  });
  expect((await db.equal('w', ['n1', 'n2', 'n3', 'n4', 'n5'])).length).toBeGreaterThan(5000);
}, 900_000);

test('a node comes back under its name while the worker dies at every step about it', async () => {
  await db.close();
  await completed(ID, await declare('n1', 'n2', 'n3'), 600_000);
  const kinds = ['replication.copy', 'replication.schema', 'replication.service', 'replication.streams'];
  writeFileSync(ENV.FAILPOINTS_FILE, kinds.flatMap((kind) => POINTS.map((at) => `${at} create ${kind}`)).join('\n'));
  await whileAllWrite(['n1', 'n2', 'n4'], async () => {
    const task = await declare('n1', 'n2', 'n3', 'n4');
    expect(await killedWhileItCopies('n4', task)).toBeGreaterThanOrEqual(3);
    await until('the task to end', () => goesOn(task), 600_000);
    expect((await taskNow(ID, task)).status).toBe('completed');
  });
  expect(readFileSync(ENV.FAILPOINTS_FILE, 'utf8')).toBe('');
  expect((await db.equal('w', ['n1', 'n2', 'n3', 'n4'])).length).toBeGreaterThan(5000);
}, 900_000);
