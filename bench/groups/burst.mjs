// Twenty databases declared at once, beside twenty containers with Patroni and psql started at once by a shell script;
// and how the API answers meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { create, ended, firstInsert, get, portsOf, remove } from '../api.mjs';
import { createFloor, floorPort, prepareFloor, removeFloor } from '../floors.mjs';
import { API } from '../stack.mjs';

const COUNT = Number(process.env.BENCH_BURST ?? 20);
/** Twenty clients that ask a hundred times a second each would be most of the load. */
const LOOK_EVERY_MS = 500;
const numbers = Array.from({ length: COUNT }, (_, i) => i);

export const burst = {
  hosts: 1,
  repeats: 3,
  minutes: 8,
  run: async ({ samples, rounds }) => {
    for await (const _ of rounds()) {
      await Promise.all(numbers.map((i) => remove(`many${i}`, LOOK_EVERY_MS)));
      const ours = await declareAll(samples);
      await samples.time(
        `delete of ${COUNT} databases at once`,
        () => Promise.all(numbers.map((i) => remove(`many${i}`, LOOK_EVERY_MS))),
        {
          unit: 's',
        },
      );
      const raw = await floorAll();
      samples.note(`floor: ${COUNT} by a shell script at once, all ready`, raw, { unit: 's' });
      samples.note('ours / floor', ours / raw, { unit: 'ratio', goal: '1.3' });
    }
  },
};

async function declareAll(samples) {
  const state = { over: false };
  const asking = askAllTheTime(state, samples);
  const begun = performance.now();
  const tasks = await Promise.all(
    numbers.map((i) =>
      samples.time('POST accept, all at once, p99', () => create(`many${i}`, ['host-1']), { q: 0.99, goal: '100' }),
    ),
  );
  await Promise.all(
    numbers.map(async (i) => {
      await ended(`many${i}`, tasks[i], 180_000, LOOK_EVERY_MS);
      await firstInsert(async () => Object.values(await portsOf(`many${i}`))[0], `many${i}`);
    }),
  );
  const ms = performance.now() - begun;
  samples.note(`${COUNT} databases declared at once, all ready`, ms, { unit: 's' });
  state.over = true;
  await asking;
  return ms;
}

/** What the API takes for a GET while it is busy: one request after another, every 20 ms. */
async function askAllTheTime(state, samples) {
  while (!state.over) {
    await samples.time('GET database meanwhile, p99', () => get('many0'), { q: 0.99, goal: '100' });
    await samples.time('GET version meanwhile, p99', async () => (await fetch(`${API}/v1/version`)).json(), {
      q: 0.99,
      goal: '100',
    });
    await sleep(20);
  }
}

async function floorAll() {
  await prepareFloor();
  for (const i of numbers) await prepareFloor(`raw${i}`, floorPort(i));
  const begun = performance.now();
  await Promise.all(
    numbers.map(async (i) => {
      await createFloor(`raw${i}`, i);
      await firstInsert(() => floorPort(i), `raw${i}`);
    }),
  );
  const ms = performance.now() - begun;
  await Promise.all(numbers.map((i) => removeFloor(`raw${i}`, i)));
  return ms;
}
