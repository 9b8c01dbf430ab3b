/** A stack of an earlier release is upgraded on its own data while writes go on. */
import './own-stack.ts';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { accept, call, completed, database, done, ended, get, taskNow, type Task } from './client.ts';
import { asSuperuser } from './container.ts';
import { bash, ENV, etcdctl, HOME, HOST, processCommand, ROOT, sh, until } from './stack.ts';
import { hasOlderRelease, OLDER_VERSION, OlderRelease } from './older-release.ts';
import { replicatedNode } from './replicated-node.ts';
import { untilHostsHave } from './versions.ts';
import { failures, startWriter, type Writer } from './writer.ts';

const ID = 'aged';
const HALFWAY = 'halfway';
const SECOND = 'host-2';
const node = replicatedNode(ID);
const disk = { type: 'posix', id: 'disk', base_path: '/disk' };
const specOf = (hosts: string[], more: object = {}) => ({
  database_name: 'shop',
  postgres_version: OLDER_VERSION,
  port: 0,
  database_users: [{ username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] }],
  nodes: [{ name: 'n1', host_ids: hosts }],
  ...more,
});
/** A script that goes on until the test makes this role, or fails after five minutes. */
const GO_ON = 'go_on';
const UNTIL_GO_ON = `DO $$ BEGIN
  FOR i IN 1..3000 LOOP
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${GO_ON}') THEN RETURN; END IF;
    PERFORM pg_sleep(0.1);
  END LOOP;
  RAISE 'nobody made the role ${GO_ON}';
END $$`;
const scriptRuns = async (): Promise<boolean> =>
  (await asSuperuser(HALFWAY, `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'DO %${GO_ON}%'`, 'postgres')) === '1';
const backups = { backup_config: { repositories: [disk] } };
const SECOND_PORTS = `WINDLASS_PORT_MIN=${String(Number(ENV.WINDLASS_PORT_MAX) + 1)} WINDLASS_PORT_MAX=${String(Number(ENV.WINDLASS_PORT_MAX) + 9)}`;

const logOf = (name: string): string => readFileSync(path.join(HOME, 'log', `${name}.log`), 'utf8');
const note = (text: string): void => void process.stderr.write(`${text}\n`);

/** Of every container of the database: its id, and since when its Postgres runs. */
async function runningSince(id: string): Promise<string> {
  const since = `psql -h /tmp -U windlass -d postgres -Atqc 'SELECT pg_postmaster_start_time()'`;
  return bash(
    `for c in $(docker ps -q --no-trunc --filter label=windlass.database=${id} | sort); do echo $c $(docker exec $c ${since}); done`,
  );
}

/** Starts it and gives what it said when it ended; throws when it goes on. */
async function refusal(name: 'server' | 'worker'): Promise<string> {
  const before = logOf(name).length;
  await bash(`bin/lib/process.sh start ${name} >/dev/null 2>&1 &`);
  const said = (): string => logOf(name).slice(before);
  const gone = (): Promise<string> => bash(`. bin/lib/common.sh; . bin/lib/processes.sh; running ${name} || echo gone`);
  await until(`the ${name} to end`, async () => said() !== '' && /gone/.test(await gone()), 20_000);
  return said();
}

/** Nothing is left of an earlier run, and the worker for fault tests finds its file. */
async function prepareHome(): Promise<void> {
  await removeStack();
  mkdirSync(HOME, { recursive: true });
  writeFileSync(ENV.FAILPOINTS_FILE, '');
}
async function removeStack(): Promise<void> {
  // What is left of databases goes with their services: nobody has to be well enough to delete them.
  for (const name of ['server', 'worker', `worker-${SECOND}`])
    await sh('bin/lib/process.sh', 'stop', name).catch(() => undefined);
  await sh('bin/down', '--purge').catch(() => undefined);
}

if (hasOlderRelease()) {
  let older: OlderRelease;
  let writer: Writer;
  let before: string;
  let label: string;
  /** Whose disk has the backup. */
  let keeper: string;
  const tasks: Record<string, Task> = {};

  beforeAll(async () => {
    await prepareHome();
    older = await OlderRelease.build();
    await older.sh('bin/up', '--no-example');
    await older.sh('bash', '-c', `${SECOND_PORTS} bin/lib/process.sh start worker ${SECOND} >/dev/null 2>&1`);
    await untilHostsHave(OLDER_VERSION, 2);
    await done(ID, 'POST', '/v1/databases', { id: ID, spec: specOf([HOST, SECOND], backups) }, 120_000);
    await until('a backup', async () => {
      const answer = await call<{ task: Task }>('POST', `/v1/databases/${ID}/nodes/n1/backups`, { type: 'full' });
      return answer.status === 200 && (await ended(ID, answer.body.task)).status === 'completed';
    });
    label =
      (await get<{ backups: { label: string }[] }>(`/v1/databases/${ID}/nodes/n1/backups`)).backups[0]?.label ?? '';
    keeper = (await node.instances()).find(({ postgres }) => postgres?.role === 'primary')?.host_id ?? '';
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    tasks['scheduled'] = await accept('POST', `/v1/databases/${ID}/nodes/n1/switchover`, { scheduled_at: inAnHour });
    tasks['halfway'] = await accept('POST', '/v1/databases', { id: HALFWAY, spec: specOf([HOST], { scripts: { post_init: [UNTIL_GO_ON] } }) }); // prettier-ignore
    await until('the script to run', scriptRuns, 60_000);
    await node.allWell(2);
    writer = startWriter(await node.dsn());
    await writer.writes(30_000, 50);
    before = await runningSince(ID);
    for (const name of ['server', 'worker', `worker-${SECOND}`]) await older.sh('bin/lib/process.sh', 'stop', name);
    processCommand('start', 'worker');
    await until('the worker to wait', () => Promise.resolve(/waiting for a server to upgrade/.test(logOf('worker'))));
    processCommand('start', 'server');
    await bash(`${SECOND_PORTS} bin/lib/process.sh start worker ${SECOND} >/dev/null 2>&1`);
    await until('everything to be ready', async () => (await call('GET', '/readyz')).status === 200);
  }, 600_000);
  afterAll(async () => {
    await writer.finish().catch(() => undefined);
    await removeStack();
    await older.removeImage();
  }, 120_000);

  test('the server says what it does to the store, once; the worker waits for it', async () => {
    expect(logOf('server').match(/upgrading the store to version 1: plans in parts/g)).toHaveLength(1);
    expect(logOf('server')).toMatch(/the store is of version 1 now: [1-9]\d* records were changed/);
    expect(logOf('worker')).toMatch(/waiting for a server to upgrade the store from version 0 to 2/);
    expect(JSON.parse(await etcdctl('get --print-value-only /windlass/schema'))).toMatchObject({ version: 2 });
  });

  test('nothing restarted, writes went on, and the database is available', async () => {
    await node.allWell(2);
    await until('it to be available', async () => (await database(ID)).state === 'available');
    await writer.writes(30_000, 50);
    expect(await runningSince(ID)).toBe(before);
  });

  test('a task that was in the middle of a step is finished, by its old history and its old plan', async () => {
    const halfway = tasks['halfway'] as Task;
    expect((await taskNow(HALFWAY, halfway)).status).toBe('running');
    await asSuperuser(HALFWAY, `CREATE ROLE ${GO_ON}`, 'postgres');
    await completed(HALFWAY, halfway, 120_000);
    expect((await database(HALFWAY)).state).toBe('available');
  });

  test('a task that waits for its time is still there, and is canceled', async () => {
    const scheduled = tasks['scheduled'] as Task;
    expect((await taskNow(ID, scheduled)).status).toBe('pending');
    await get(`/v1/databases/${ID}/tasks/${scheduled.task_id}/cancel`);
    expect((await ended(ID, scheduled)).status).toBe('canceled');
  });

  test('an update is done in place', async () => {
    const spec = { ...specOf([HOST, SECOND], backups), postgresql_conf: { work_mem: '5MB' } };
    const { text } = (await call<{ text: string }>('POST', `/v1/databases/${ID}:plan`, { spec })).body;
    expect(text).not.toMatch(/swarm\.service|restart|replace|delete/);
    await done(ID, 'POST', `/v1/databases/${ID}`, { spec }, 120_000);
    expect(await node.psql('writer', 'SHOW work_mem')).toBe('5MB');
    expect(await runningSince(ID)).toBe(before);
    const report = await writer.finish();
    note(
      `upgrade in place: ${String(report.acknowledged)} writes, longest pause ${String(Math.max(0, ...report.outages.map((o) => o.ms)))} ms`,
    );
    expect([report.lost, failures(report)]).toEqual([0, []]);
  });

  test('a backup from before is listed and is restored into another database', async () => {
    const listed = await get<{ backups: { label: string }[] }>(`/v1/databases/${ID}/nodes/n1/backups`);
    expect(listed.backups.map((one) => one.label)).toContain(label);
    const origin = { source_database_id: ID, source_node_name: 'n1', source_database_name: 'shop', repository: disk, restore_options: { set: label } }; // prettier-ignore
    const spec = specOf([keeper], { restore_config: origin });
    await done('copied', 'POST', '/v1/databases', { id: 'copied', spec }, 120_000);
    expect((await database('copied')).state).toBe('available');
  });

  test('the old server may be started again: it reads everything, and refuses in words what needs a secret', async () => {
    processCommand('stop', 'server');
    await older.sh('bin/lib/process.sh', 'start', 'server');
    const { databases } = await get<{ databases: { id: string; state: string }[] }>('/v1/databases');
    expect(databases.map(({ id, state }) => [id, state])).toEqual([[ID, 'available'], ['copied', 'available'], [HALFWAY, 'available']]); // prettier-ignore
    const spec = { ...specOf([HOST, SECOND], backups), postgresql_conf: { work_mem: '6MB' } };
    const { status, body } = await call<{ message: string }>('POST', `/v1/databases/${ID}`, { spec });
    expect([status, body.message]).toEqual([500, expect.stringMatching(/cannot be opened with this master key/)]);
    expect(await runningSince(ID)).toBe(before);
    await older.sh('bin/lib/process.sh', 'stop', 'server');
    processCommand('start', 'server');
  });

  test('a store of a newer program is refused by server and worker, in words', async () => {
    const now = (await etcdctl('get --print-value-only /windlass/schema')).trim();
    processCommand('stop', 'server');
    processCommand('stop', 'worker');
    const newer = JSON.stringify({ version: 99, oldestReader: 98, writtenBy: 'tomorrow' });
    await etcdctl(`put /windlass/schema '${newer}'`);
    const sentence = /the store is of version 99, which Windlass tomorrow made of it; this program knows version 2, and at least 98 is needed to lose nothing: start the newer program again, or restore the copy of etcd from before the upgrade/; // prettier-ignore
    expect(await refusal('server')).toMatch(sentence);
    expect(await refusal('worker')).toMatch(sentence);
    await etcdctl(`put /windlass/schema '${now}'`);
    await sh('bin/up', '--no-example');
    expect((await database(ID)).id).toBe(ID);
  });
} else {
  beforeAll(prepareHome);
  afterAll(removeStack);

  test('this clone has no older release to start: a server upgrades what one had stored, and answers about it', async () => {
    note('upgrade in place: the commit of the older release is not in this clone; its recorded store is used instead');
    await sh('bin/up', '--no-example');
    for (const name of ['server', 'worker'] as const) processCommand('stop', name);
    const file = path.join(ROOT, 'packages/resources/src/testing/testdata/store-804ec52.jsonl');
    const rows = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as [string, unknown]); // prettier-ignore
    await etcdctl('del --prefix /windlass/');
    for (const [key, value] of rows) await sh('bash', '-c', '. bin/lib/common.sh; . bin/lib/processes.sh; ctl put "/windlass/$1" -- "$2"', '-', key, JSON.stringify(value)); // prettier-ignore
    processCommand('start', 'server');
    await until('the server', async () => (await call('GET', '/v1/databases')).status === 200);
    expect(logOf('server')).toMatch(/the store is of version 1 now: [1-9]\d* records were changed/);
    const { databases } = await get<{ databases: { id: string }[] }>('/v1/databases');
    expect(databases.map(({ id }) => id)).toEqual(['back', 'broken', 'copy', 'left', 'open', 'shop']);
  }, 300_000); // prettier-ignore
}
