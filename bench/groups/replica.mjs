// A second instance for a database of 1 GB, beside pg_basebackup of the same primary to the same disk, alone.
import { containerOf, create, ended, get, portsOf, remove, superuser, update } from '../api.mjs';
import { baseBackup } from '../base-backup.mjs';
import { fill } from '../fill.mjs';
import { until } from '../stack.mjs';

const ID = 'benchcopy';
const ROWS = 950_000;

export const replica = {
  hosts: 2,
  repeats: 5,
  minutes: 6,
  run: async ({ samples, rounds }) => {
    await remove(ID);
    await ended(ID, await create(ID, ['host-1']));
    const [[first, port]] = Object.entries(await portsOf(ID));
    const megabytes = await fill(port, ID, `postgres-${first}`, ROWS);
    samples.note('size of the database', megabytes, { unit: 'MB' });
    for await (const _ of rounds()) {
      const raw = await baseBackup(`postgres-${first}`);
      samples.note('floor: pg_basebackup alone', raw, { unit: 's' });
      const begun = performance.now();
      await ended(ID, await update(ID, ['host-1', 'host-2']));
      const ms = performance.now() - begun;
      samples.note('add a replica, POST to task completed', ms, { unit: 's' });
      samples.note('ours / floor', ms / raw, { unit: 'ratio', goal: '1.3' });
      await until('the primary to say that it streams', () => streams(first), 2000);
      await ended(ID, await update(ID, ['host-1']));
      if ((await get(ID)).instances.length !== 1) throw new Error('the replica is still there');
    }
    await remove(ID);
  },
};

const streams = async (first) =>
  (await superuser(
    await containerOf(`postgres-${first}`),
    "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'",
  )) === '1';
