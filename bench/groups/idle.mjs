// What the control plane costs while nothing happens: one database, no request.
import { setTimeout as sleep } from 'node:timers/promises';
import { create, ended, remove } from '../api.mjs';
import { total, usage } from '../processes.mjs';

const ID = 'benchidle';
const SETTLE_S = 15;

export const idle = {
  hosts: 1,
  repeats: 3,
  minutes: 5,
  run: async ({ samples, rounds }) => {
    await remove(ID);
    await ended(ID, await create(ID, ['host-1']));
    await sleep(SETTLE_S * 1000);
    for await (const _ of rounds()) {
      const parts = await usage(['server', 'worker'], 60);
      samples.note('server + worker, CPU over 60 s, of a core', total(parts, 'cpu'), { unit: '%', goal: '2' });
      samples.note('server + worker, resident', total(parts, 'rss'), { unit: 'MB', goal: '400' });
      const [parted] = [await usage(['etcd', 'temporal'], 10)];
      for (const { name, cpu, rss } of [...parts, ...parted]) {
        samples.note(`${name}, CPU`, cpu, { unit: '%' });
        samples.note(`${name}, resident`, rss, { unit: 'MB' });
      }
    }
    await remove(ID);
  },
};
