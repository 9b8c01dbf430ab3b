// Three instances from nothing to highly available: the task is completed only when both standbys stream and, where
// asked for, one of them is synchronous. Beside it a stock Patroni: three services started together, no control plane.
import { create, ended, remove } from '../api.mjs';
import { HOSTS, SYNC, proveReady } from '../clusters.mjs';
import { createStock, prepareFloor, removeStock } from '../floors.mjs';

export const ha = {
  hosts: 3,
  repeats: 10,
  minutes: 12,
  run: async ({ samples, rounds }) => {
    for await (const i of rounds()) {
      const asynchronous = await one(`benchha${i}`, false, samples);
      await one(`benchsync${i}`, true, samples);
      const stock = await stockOne(`stock${i}`, samples);
      samples.note('asynchronous: ours / stock', asynchronous / stock, { unit: 'ratio' });
    }
  },
};

async function one(id, sync, samples) {
  await remove(id);
  const what = `POST to HA ready, 3 instances, ${sync ? 'synchronous' : 'asynchronous'}`;
  const begun = performance.now();
  await ended(id, await create(id, HOSTS, sync ? SYNC : {}));
  const ms = performance.now() - begun;
  samples.note(what, ms, { unit: 's', goal: '4.5' });
  if (!(await proveReady(id, sync))) throw new Error(`${id} is not what its task claims`);
  await samples.time('delete of 3 instances', () => remove(id), { unit: 's' });
  return ms;
}

async function stockOne(name, samples) {
  await prepareFloor();
  const begun = performance.now();
  await createStock(name);
  const ms = performance.now() - begun;
  samples.note('stock Patroni: three services to both standbys streaming', ms, { unit: 's' });
  await removeStock(name);
  return ms;
}
