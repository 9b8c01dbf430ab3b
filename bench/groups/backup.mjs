// Backups through the API beside pgBackRest alone with the same configuration, in the same container, to the same disk.
import { call, connect, containerOf, create, ended, firstInsert, portsOf, post, remove, superuser } from '../api.mjs';
import { fill } from '../fill.mjs';
import { sh, until } from '../stack.mjs';

const ID = 'benchbackup';
const CLONE = 'benchclone';
const ROWS = 1_500_000;
const NODE = `/v1/databases/${ID}/nodes/n1`;
const repository = { type: 'posix', id: 'disk', base_path: '/bench', retention_full: 2, retention_full_type: 'count' };
const originOf = (options = {}) => ({
  source_database_id: ID,
  source_node_name: 'n1',
  source_database_name: ID,
  repository: { type: 'posix', id: 'disk', base_path: '/bench' },
  restore_options: options,
});

export const backup = {
  hosts: 1,
  repeats: 5,
  minutes: 12,
  run: async ({ samples, rounds }) => {
    for (const id of [CLONE, ID]) await remove(id);
    await ended(ID, await create(ID, ['host-1'], { backup_config: { repositories: [repository] } }));
    const [[instance, port]] = Object.entries(await portsOf(ID));
    samples.note('size of the database', await fill(port, ID, `postgres-${instance}`, ROWS), { unit: 'MB' });
    const container = () => containerOf(`postgres-${instance}`);
    for await (const i of rounds()) {
      await paired(samples, i, {
        what: 'full backup',
        raw: async () => timed(inside(await container(), `${PGBACKREST} --type=full backup`)),
        ours: async () => {
          const task = await post(`${NODE}/backups`, { type: 'full' });
          await ended(ID, task);
          return tookOf(task.task_id, /^took full backup/);
        },
      });
      await paired(samples, i, {
        what: 'restore in place',
        raw: async () => rawRestore(await container()),
        ours: async () => {
          const task = await post(`/v1/databases/${ID}/restore`, { restore_config: originOf() });
          await ended(ID, task);
          const { tasks } = await call('GET', `/v1/databases/${ID}/tasks?limit=5`);
          return tookOf(tasks.find((t) => t.parent_id === task.task_id).task_id, /^copied backup/);
        },
      });
      await clone(samples, port);
      for (let more = 0; more < 3; more += 1) await visible(samples, port, await container());
    }
    await remove(ID);
  },
};

const PGBACKREST = 'pgbackrest --config=/windlass/config/pgbackrest.conf --stanza=db';
const inside = (container, script) => sh('docker', ['exec', container, 'sh', '-euc', script], { timeout: 180_000 });

/** Times both, each as often first as second. Both give how long pgBackRest itself took. */
async function paired(samples, round, { what, raw, ours }) {
  const whole = {};
  const copying = {};
  const both = [['raw', raw], ['ours', ours]]; // prettier-ignore
  for (const [name, work] of round % 2 === 0 ? both : both.toReversed()) {
    const begun = performance.now();
    copying[name] = await work();
    whole[name] = performance.now() - begun;
  }
  const s = { unit: 's' };
  samples.note(`${what}, POST to task completed`, whole.ours, s);
  samples.note(`floor: ${what} with pgBackRest alone`, whole.raw, s);
  samples.note(`${what}: what the API adds`, whole.ours - whole.raw, s);
  samples.note(`${what}: speed of pgBackRest, ours / floor`, copying.raw / copying.ours, {
    unit: 'ratio',
    goal: '0.95',
  });
}

const timed = async (work) => {
  const begun = performance.now();
  await work;
  return performance.now() - begun;
};

/** What the log of a task says of how long something took. */
async function tookOf(task, what) {
  const { entries } = await call('GET', `/v1/databases/${ID}/tasks/${task}/log?limit=1000`);
  const [, number, unit] = /\(took ([\d.]+)(ms|s)\)/.exec(entries.find((e) => what.test(e.message)).message);
  return Number(number) * (unit === 's' ? 1000 : 1);
}

/** A copy beside the data, all WAL, until it takes writes; then it is thrown away. Four processes, as ours. */
async function rawRestore(container) {
  const copy = '/windlass/data/bench-restore';
  const settings = `-c port=5999 -c listen_addresses= -c unix_socket_directories=${copy} -c archive_mode=off -c hba_file=${copy}/bench.hba`;
  const restore = `rm -rf ${copy}; mkdir -m 700 ${copy}
    ${PGBACKREST} --pg1-path=${copy} --process-max=4 --lock-path=${copy}.lock restore`;
  const copied = await timed(inside(container, restore));
  await inside(
    container,
    `echo 'local all all trust' > ${copy}/bench.hba
     pg_ctl -s -w -t 120 -D ${copy} -l ${copy}.log -o '${settings}' start
     until [ "$(psql -h ${copy} -p 5999 -U windlass -d postgres -Atqc 'SELECT pg_is_in_recovery()')" = f ]; do sleep 0.05; done
     pg_ctl -s -m immediate -D ${copy} stop; rm -rf ${copy} ${copy}.lock ${copy}.log`,
  );
  return copied;
}

/** A database of another name as the first was a moment ago, until its own user writes. */
async function clone(samples, port) {
  const client = await connect(port, ID);
  await client.query('CREATE TABLE IF NOT EXISTS marks (at timestamptz); INSERT INTO marks VALUES (clock_timestamp())');
  const { rows } = await client.query("SELECT (clock_timestamp() + '1 ms')::text AS target");
  await client.query('INSERT INTO marks VALUES (clock_timestamp())');
  await client.end();
  const begun = performance.now();
  const restore_config = originOf({ type: 'time', target: rows[0].target });
  const task = await create(CLONE, ['host-1'], { restore_config });
  await firstInsert(async () => Object.values(await portsOf(CLONE))[0], CLONE);
  samples.note('clone to a moment, POST to first INSERT', performance.now() - begun, { unit: 's', goal: '6' });
  await ended(CLONE, task);
  await remove(CLONE);
}

/** From a commit, with the segment that holds it ended at once, until the API, which tells whole seconds, says that it can be restored. */
async function visible(samples, port, container) {
  const latest = async () => Date.parse((await call('GET', `${NODE}/backups`)).latest_restorable);
  const before = await latest();
  await until('a later second', () => Date.now() > before + 1000);
  const client = await connect(port, ID);
  const { rows } = await client.query('INSERT INTO marks VALUES (clock_timestamp()) RETURNING at');
  await client.end();
  const begun = performance.now();
  await superuser(container, 'SELECT pg_switch_wal()');
  const second = Math.floor(rows[0].at.getTime() / 1000) * 1000;
  await until('the commit to be restorable', async () => (await latest()) >= second);
  samples.note('WAL ended to restorable in the API', performance.now() - begun, { unit: 's', goal: '2' });
}
