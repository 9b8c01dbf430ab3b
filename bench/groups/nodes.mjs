// Databases of several nodes: made beside as many plain ones, and a node that comes to 1 GB under load beside pg_basebackup.
import { create, ended, get, remove, specOf, post } from '../api.mjs';
import { baseBackup } from '../base-backup.mjs';
import { fill } from '../fill.mjs';
import { Writer } from '../writer.mjs';

const HOST = ['host-1'];
const ID = 'benchnodes';
const ROWS = 950_000;
const named = (count) => ({
  nodes: Array.from({ length: count }, (_, i) => ({ name: `n${i + 1}`, host_ids: HOST })),
});

export const nodes = {
  hosts: 1,
  repeats: 3,
  minutes: 12,
  run: async ({ samples, rounds }) => {
    for await (const _ of rounds()) for (const count of [2, 3]) await made(count, samples);
    await joined(samples, rounds);
  },
};

/** The database of several nodes, and as many of one node at once. */
async function made(count, samples) {
  const plain = Array.from({ length: count }, (_, i) => `benchplain${i}`);
  for (const id of [ID, ...plain]) await remove(id);
  const before = performance.now();
  await Promise.all(plain.map(async (id) => ended(id, await create(id, HOST))));
  const alone = performance.now() - before;
  samples.note(`floor: ${count} plain databases at once, POST to tasks completed`, alone);
  for (const id of plain) await remove(id);
  const begun = performance.now();
  await ended(ID, await create(ID, HOST, named(count)));
  const ms = performance.now() - begun;
  samples.note(`a database of ${count} nodes, POST to task completed`, ms);
  samples.note(`${count} nodes: ours / floor`, ms / alone, { unit: 'ratio', goal: '1.3' });
  await remove(ID);
}

async function joined(samples, rounds) {
  await ended(ID, await create(ID, HOST));
  const [{ id: first, connection_info: at }] = (await get(ID)).instances;
  samples.note('size of the database', await fill(at.port, ID, `postgres-${first}`, ROWS), { unit: 'MB' });
  const change = async (count) =>
    ended(ID, await post(`/v1/databases/${ID}`, { spec: specOf(ID, HOST, named(count)) }));
  await change(2);
  const writer = new Writer([at.port], ID);
  await writer.start();
  for await (const _ of rounds()) {
    const raw = await baseBackup(`postgres-${first}`);
    samples.note('floor: pg_basebackup, with the writer', raw, { unit: 's' });
    const begun = performance.now();
    await change(3);
    const ms = performance.now() - begun;
    samples.note('a third node comes, with the writer, POST to task completed', ms, { unit: 's' });
    samples.note('a node comes: ours / floor', ms / raw, { unit: 'ratio', goal: '1.5' });
    samples.note('longest time without an acknowledged row meanwhile', writer.outage(begun).ms);
    await change(2);
  }
  await writer.stop();
  await remove(ID);
}
