// One database on one host: create, change, read, delete, each create beside the same done by a shell script.
import { connect, create, ended, firstInsert, get, post, remove, specOf, update } from '../api.mjs';
import { createFloor, floorPort, prepareFloor, removeFloor } from '../floors.mjs';
import { API, until } from '../stack.mjs';
import { traceOf } from '../trace.mjs';

const HOST = ['host-1'];

export const lifecycle = {
  hosts: 1,
  repeats: 10,
  minutes: 6,
  run: async (context) => {
    const { samples } = context;
    for await (const i of context.rounds()) {
      const id = `bench${i}`;
      await remove(id);
      const ours = await createOne(id, samples, context);
      await changes(id, samples);
      await samples.time('delete, DELETE to nothing left', () => remove(id), { goal: '2500' });
      const raw = await floor(`floor${i}`, i, samples);
      samples.note('create: ours / floor', ours / raw, { unit: 'ratio', goal: '1.35' });
    }
  },
};

async function createOne(id, samples, context) {
  const accepted = performance.now();
  const begun = Date.now();
  const task = await create(id, HOST);
  samples.note('POST accept', performance.now() - accepted, { goal: '25' });
  await firstInsert(async () => (await get(id)).instances[0].connection_info.port, id);
  const ms = performance.now() - accepted;
  samples.note('create, POST to first INSERT', ms, { goal: '2800' });
  await ended(id, task);
  samples.note('create, POST to task completed', performance.now() - accepted);
  context.blocks = { trace: await traceOf(id, begun, ms) };
  return ms;
}

async function changes(id, samples) {
  await samples.time('no-op update, POST to task completed', async () => ended(id, await update(id, HOST)), {
    goal: '400',
  });
  await setting(id, samples);
  for (let i = 0; i < 20; i += 1) await samples.time('GET database', () => get(id), { goal: '3' });
  for (let i = 0; i < 20; i += 1)
    await samples.time('GET healthz (floor of a GET)', async () => (await fetch(`${API}/healthz`)).text());
}

async function setting(id, samples) {
  const { port } = (await get(id)).instances[0].connection_info;
  const client = await connect(port, id);
  const begun = performance.now();
  const task = await post(`/v1/databases/${id}`, {
    spec: specOf(id, HOST, { postgresql_conf: { work_mem: '9MB' } }),
  });
  await until('the setting', async () => (await client.query('SHOW work_mem')).rows[0].work_mem === '9MB', 30_000, 5);
  samples.note('reloadable GUC, POST to SHOW', performance.now() - begun, { goal: '800' });
  await client.end();
  await ended(id, task);
}

async function floor(name, i, samples) {
  await prepareFloor(name, floorPort(i));
  const begun = performance.now();
  await createFloor(name, i);
  await firstInsert(() => floorPort(i), name);
  const ms = performance.now() - begun;
  samples.note('floor: the same create by a shell script', ms);
  await removeFloor(name, i);
  return ms;
}
