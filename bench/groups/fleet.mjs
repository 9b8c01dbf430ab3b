// A thousand declared databases without containers: what the control plane itself takes to start, to list, to wait and to
// begin a change; and whether its store grows with the number of tasks.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, create, ended, update } from '../api.mjs';
import { declare, keepAlive, listed, nameOf, openStore, pretendTasks, wipe } from '../fleet.mjs';
import { total, usage } from '../processes.mjs';
import { HOME, sh, until } from '../stack.mjs';

const COUNT = Number(process.env.BENCH_FLEET ?? 1000);
/** On the host whose worker is measured; its driver is simulated. */
const OWN = 20;
const CHANGES = Number(process.env.BENCH_FLEET_CHANGES ?? 100);
const TASKS = Number(process.env.BENCH_FLEET_TASKS ?? 10_000);
const SETTLE_S = 10;
const IDLE_S = Number(process.env.BENCH_FLEET_IDLE ?? 40);

export const fleet = {
  hosts: 1,
  repeats: 3,
  minutes: 12,
  run: async ({ samples, rounds, notes }) => {
    const store = await openStore();
    const { kv } = store;
    let rest = () => undefined;
    try {
      await wipe(kv);
      await sh('bin/lib/process.sh', ['restart', 'server']);
      await restartWorker('main-simulated.js');
      for (let i = 0; i < OWN; i += 1) await ended(nameOf(i), await create(nameOf(i), ['host-1']));
      const declared = await declare(kv, OWN, COUNT);
      rest = keepAlive(kv, declared, (err) => console.error(err.message));
      if ((await listed()) !== COUNT) throw new Error(`of ${COUNT} databases ${await listed()} are listed`);
      const resources = (await kv.list('resources/')).map((row) => JSON.stringify(row.value).length);
      notes.push(
        `${COUNT} databases of one instance, ${resources.length} records of resources (${mib(resources)} MiB), on ${declared.hosts.length + 1} hosts; the driver of host-1 (${OWN} of them) is simulated, of the other hosts this process writes records and statuses as often as workers do. No containers.`,
      );
      for await (const _ of rounds()) {
        const ms = await restartWorker('main-simulated.js');
        samples.note(`worker start to ready, ${COUNT} databases`, ms, { unit: 's', goal: '10' });
      }
      await sleep(SETTLE_S * 1000);
      await idle(samples, 'with the statuses of all instances coming in');
      for (let i = 0; i < 20; i += 1) await samples.time(`GET /v1/databases, all ${COUNT}`, listed, { goal: '50' });
      for (let i = 0; i < CHANGES; i += 1) await change(samples, i);
      for (let i = 0; i < 20; i += 1)
        await samples.time('GET /v1/tasks?limit=100', () => call('GET', '/v1/tasks?limit=100'), { goal: '50' });
      rest();
      await idle(samples, 'with nothing coming in');
      await grow(store, samples);
    } finally {
      rest();
      await wipe(kv).catch((err) => console.error(err.message));
      await store.close();
      await restartWorker('main.js');
    }
  },
};

const mib = (sizes) => (sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20).toFixed(1);

async function idle(samples, how) {
  const parts = await usage(['server', 'worker', 'etcd'], IDLE_S);
  const ours = parts.filter(({ name }) => name !== 'etcd');
  samples.note(`server + worker, CPU over ${IDLE_S} s, of a core, ${how}`, total(ours, 'cpu'), { unit: '%', goal: '5' });
  for (const { name, cpu, rss } of parts) {
    samples.note(`${name}, CPU, ${how}`, cpu, { unit: '%' });
    samples.note(`${name}, resident, ${how}`, rss, { unit: 'MB' });
  }
} // prettier-ignore

const readied = () => readFileSync(path.join(HOME, 'log/worker.log'), 'utf8').split('worker ready').length;

/** Milliseconds from the start of the process until it works. */
async function restartWorker(entry) {
  const before = readied();
  await sh('bin/lib/process.sh', ['stop', 'worker']);
  const begun = performance.now();
  await sh('bin/lib/process.sh', ['start', 'worker'], { env: { WINDLASS_WORKER_ENTRY: entry } });
  await until('the worker to be ready', () => readied() > before);
  return performance.now() - begun;
}

/** From the request to its first activity, and to its end. */
async function change(samples, i) {
  const id = nameOf(i % OWN);
  const begun = performance.now();
  const task = await update(id, ['host-1'], { postgresql_conf: { work_mem: `${4 + i}MB` } });
  const status = async () => (await call('GET', `/v1/databases/${id}/tasks/${task.task_id}`)).status;
  await until('the task to begin', async () => (await status()) !== 'pending', 60_000, 5);
  const took = performance.now() - begun;
  samples.note('POST of a change until its task runs', took);
  samples.note('POST of a change until its task runs, 99 of 100', took, { q: 0.99, goal: '1000' });
  await ended(id, task);
  samples.note('POST of a change to task completed', performance.now() - begun);
}

/** What the tasks of one database leave in the store, once old ones are forgotten and history is compacted. */
async function grow({ kv, compacted }, samples) {
  const id = nameOf(0);
  const kept = async () => (await kv.list(`tasks/database/${id}/`)).length;
  for (let done = 0; done < TASKS; done += TASKS / 5) {
    await pretendTasks(kv, id, done, TASKS / 5);
    await until('old tasks to be forgotten', async () => (await kept()) <= 201, 120_000, 500);
    samples.note(`etcd after ${done + TASKS / 5} tasks of one database`, await compacted(), { unit: 'MB' });
  }
  samples.note('tasks kept of that database', await kept(), { unit: 'rows' });
}
