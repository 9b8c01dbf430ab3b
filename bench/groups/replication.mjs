// From one node to another: how late what is committed is applied, and how quick a backlog; beside subscriptions of Postgres.
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuAndMemory } from '../processes.mjs';
import { BenchServer } from '../replication/servers.mjs';
import { native, ours } from '../replication/ways.mjs';
import { until } from '../stack.mjs';

const MAJOR = process.env.BENCH_POSTGRES ?? '17';
const PER_SECOND = 500;
const SECONDS = 10;
const SINGLE = 20_000;
const BIG = { transactions: 100, rows: 1000 };
const TABLES = `CREATE TABLE t (id bigint PRIMARY KEY, v text NOT NULL);
  CREATE TABLE single (id bigint PRIMARY KEY, v text NOT NULL); CREATE TABLE big (id bigint PRIMARY KEY, v text NOT NULL)`;
/** Says when a row is applied; also of what a subscription writes. Windlass' tables do not know of it: it is not logged. */
const CLOCK = `CREATE UNLOGGED TABLE applied (id bigint, at timestamptz);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
    INSERT INTO public.applied VALUES (NEW.id, clock_timestamp()); RETURN NULL; END$$;
  CREATE TRIGGER note AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION note(); ALTER TABLE t ENABLE ALWAYS TRIGGER note`;

export const replication = {
  hosts: 0,
  repeats: 5,
  minutes: 10,
  run: async ({ samples, rounds, notes }) => {
    const servers = await Promise.all([BenchServer.start(MAJOR), BenchServer.start(MAJOR)]);
    notes.push(
      `Postgres ${MAJOR}, two servers on this machine, fsync on. Lag: from commit on the source to the row in the target.`,
    );
    try {
      for await (const round of rounds()) {
        const floor = await measure(servers, native, round, samples);
        const mine = await measure(servers, ours, round, samples);
        samples.note('single-row transactions, ours / native', mine.single / floor.single, {
          unit: 'ratio',
          goal: '0.5',
        });
        samples.note('1000-row transactions, ours / native', mine.big / floor.big, { unit: 'ratio', goal: '0.8' });
      }
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  },
};

const GOALS = { ours: { p50: '3', p99: '20', single: '10000', idle: '0.5', memory: '160' } };

async function measure([source, target], way, round, samples) {
  const database = `${way.name}${round}`;
  for (const server of [source, target]) {
    await server.query('postgres', `CREATE DATABASE ${database}`);
    await server.query(database, TABLES);
  }
  await target.query(database, CLOCK);
  const goals = GOALS[way.name] ?? {};
  const note = (what, value, options) => samples.note(`${way.name}: ${what}`, value, options);
  const running = await way.start({ source, target, database });
  try {
    const { p50, p99 } = await lag(source, target, database);
    note(`lag at ${PER_SECOND} tx/s, p50`, p50, { goal: goals.p50 });
    note(`lag at ${PER_SECOND} tx/s, p99`, p99, { goal: goals.p99 });
    const single = await drained(source, target, database, running, 'single', SINGLE, 1);
    note('single-row transactions drained, per second', single, { unit: 'tx', goal: goals.single });
    const big = await drained(source, target, database, running, 'big', BIG.transactions, BIG.rows);
    note('1000-row transactions drained, per second', big, { unit: 'rows' });
    await resources(running, note, goals);
    return { single, big };
  } finally {
    await running.stop();
  }
}

/** Of the process that applies. */
async function resources({ pids }, note, goals) {
  const pid = pids[1];
  if (!pid) return;
  const loaded = await cpuAndMemory(pid, 0);
  note('replicator after the load', loaded.rss, { unit: 'MB', goal: goals.memory });
  await sleep(2000);
  note('replicator at rest, of a core', (await cpuAndMemory(pid, 10)).cpu, { unit: '%', goal: goals.idle });
}

/** A row every 2 ms, whatever became of the ones before: each session writes one after the other. */
async function lag(source, target, database) {
  const clients = await Promise.all(Array.from({ length: 8 }, () => source.client(database)));
  const begun = performance.now();
  const written = clients.map(() => Promise.resolve());
  const count = PER_SECOND * SECONDS;
  for (let i = 0; i < count; i += 1) {
    const due = begun + (i * 1000) / PER_SECOND;
    if (due > performance.now()) await sleep(due - performance.now());
    const session = i % clients.length;
    const row = { name: 'w', text: 'INSERT INTO t VALUES ($1, $2)', values: [i, 'x'.repeat(100)] };
    written[session] = written[session].then(() => clients[session].query(row));
  }
  await Promise.all(written);
  await until('all rows', async () => (await countOf(target, database, 't')) === count);
  await Promise.all(clients.map((client) => client.end()));
  const [row] = await target.query(
    database,
    `SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM a.at - pg_xact_commit_timestamp(t.xmin)) * 1000)
      AS ms FROM applied a JOIN t USING (id) WHERE id >= ${PER_SECOND}`,
  );
  return { p50: row.ms[0], p99: row.ms[1] };
}

const countOf = async (server, database, table) =>
  Number((await server.query(database, `SELECT count(*) AS n FROM ${table}`))[0].n);

/** What a backlog takes from its first row to its last; per second transactions, or rows where a transaction has many. */
async function drained(source, target, database, running, table, transactions, rows) {
  await running.pause();
  const writer = await source.client(database);
  await writer.query('SET synchronous_commit = off');
  await writer.query(`DO $$ BEGIN FOR i IN 0..${transactions - 1} LOOP
    INSERT INTO ${table} SELECT i * ${rows} + j, repeat('x', 100) FROM generate_series(0, ${rows - 1}) j; COMMIT; END LOOP; END $$`);
  await writer.end();
  await running.resume();
  const client = await target.client(database);
  const here = async () => Number((await client.query(`SELECT coalesce(max(id) + 1, 0) AS n FROM ${table}`)).rows[0].n);
  const first = await until('the first row', () => here(), 60_000, 1);
  const begun = performance.now();
  await until('the last row', async () => (await here()) === transactions * rows, 120_000, 5);
  const seconds = (performance.now() - begun) / 1000;
  await client.end();
  return (transactions * rows - first) / seconds;
}
