// A planned switchover, seen by a client that writes without a pause, and how long the task takes after writes go on.
import { ended, post } from '../api.mjs';
import { openOurs, openStock } from '../clusters.mjs';
import { STOCK_PORT } from '../floors.mjs';
import { until } from '../stack.mjs';

const ID = 'benchswitch';

export const switchover = {
  hosts: 3,
  repeats: 10,
  minutes: 5,
  run: async (context) => {
    const { samples } = context;
    await each(context, await openOurs(ID), async (writer) => {
      const begun = performance.now();
      const task = await post(`/v1/databases/${ID}/nodes/n1/switchover`, {});
      if (task === undefined) throw new Error('this server has no switchover');
      await ended(ID, task);
      const over = performance.now();
      await writer.wroteAfter(over);
      const { ms, endedAt } = writer.outage(begun);
      samples.note('outage of writes', ms, { goal: '1000' });
      samples.note('outage of writes, p95', ms, { q: 0.95, goal: '1600' });
      samples.note('task completed after writes go on', Math.max(0, over - endedAt), { goal: '1000' });
      samples.note('POST to task completed', over - begun);
    });
    await each(
      context,
      await openStock('stocksw'),
      async (writer, leader) => {
        const begun = await until('Patroni to hand over', () => stockSwitchover(leader), 30_000, 500);
        await writer.wroteAfter(performance.now() + 50);
        samples.note('outage of writes, stock Patroni', writer.outage(begun).ms);
      },
      5,
    );
  },
};

async function each({ rounds, repeats }, node, work, most = repeats) {
  try {
    for await (const _ of rounds(Math.min(most, repeats))) {
      await node.ready();
      await node.writer.steady();
      await work(node.writer, node.service?.());
    }
    await node.writer.stop();
  } finally {
    await node.close();
  }
}

/** As patronictl does it: Patroni answers when the new leader is there. Gives when it was asked. */
async function stockSwitchover(leader) {
  const begun = performance.now();
  const port = STOCK_PORT + 3 + Number(leader.at(-1));
  const answer = await fetch(`http://127.0.0.1:${port}/switchover`, {
    method: 'POST',
    body: JSON.stringify({ leader }),
  });
  if (!answer.ok) throw new Error(`Patroni refused the switchover: ${await answer.text()}`);
  return begun;
}
