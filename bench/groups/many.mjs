// Fifty databases that nobody uses, spread over three hosts: what server and workers cost meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { create, ended, remove } from '../api.mjs';
import { total, usage } from '../processes.mjs';
import { hostIds } from '../stack.mjs';

const COUNT = Number(process.env.BENCH_MANY ?? 50);
const AT_ONCE = 10;
const SETTLE_S = 20;
const PROCESSES = ['server', 'worker', 'worker-host-2', 'worker-host-3'];
const ids = Array.from({ length: COUNT }, (_, i) => `idle${i}`);

export const many = {
  hosts: 3,
  repeats: 2,
  minutes: 8,
  run: async ({ samples, rounds }) => {
    const hosts = hostIds(3);
    try {
      await inGroups(async (id, i) => {
        await remove(id);
        await ended(id, await create(id, [hosts[i % hosts.length]]), 180_000, 100);
      });
      await sleep(SETTLE_S * 1000);
      for await (const _ of rounds()) {
        const parts = await usage(PROCESSES, 60);
        samples.note(`server + 3 workers with ${COUNT} idle databases, CPU over 60 s, of a core`, total(parts, 'cpu'), {
          unit: '%',
          goal: '10',
        });
        samples.note('server + 3 workers, resident', total(parts, 'rss'), { unit: 'MB' });
        for (const { name, cpu } of parts) samples.note(`${name}, CPU`, cpu, { unit: '%' });
      }
    } finally {
      await inGroups(remove);
    }
  },
};

async function inGroups(work) {
  for (let from = 0; from < ids.length; from += AT_ONCE)
    await Promise.all(ids.slice(from, from + AT_ONCE).map((id, i) => work(id, from + i)));
}
