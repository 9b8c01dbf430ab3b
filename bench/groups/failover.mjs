// SIGKILL of the primary's container, seen by a client that writes without a pause: how long no row is acknowledged,
// and whether acknowledged rows are gone afterwards, id by id. Ours asynchronous and synchronous, and a stock Patroni,
// whose Swarm starts the container again in place (the default) or does not (as when the host is lost).
import { openOurs, openStock } from '../clusters.mjs';
import { sh } from '../stack.mjs';

export const failover = {
  hosts: 3,
  repeats: 25,
  minutes: 14,
  run: async (context) => {
    await kills(context, 'asynchronous', await openOurs('benchfail', {}));
    await kills(context, 'synchronous', await openOurs('benchfails', { sync: true }), { lostGoal: '0' });
    const few = Math.min(3, context.repeats);
    await kills(context, 'stock, started again in place', await openStock('stockany'), { rounds: few });
    await kills(context, 'stock, container stays away', await openStock('stocknone', { restart: 'none' }), {
      rounds: few,
    });
  },
};

async function kills({ samples, rounds, repeats }, what, node, { rounds: count = repeats, lostGoal } = {}) {
  const ours = lostGoal !== undefined || what === 'asynchronous';
  try {
    for await (const _ of rounds(count)) {
      await node.ready();
      await node.writer.steady();
      const ms = await kill(node);
      samples.note(`outage, ${what}`, ms, { goal: ours ? '600' : '' });
      if (ours) samples.note(`outage, ${what}, p99`, ms, { q: 0.99, goal: '2000' });
    }
    const { acknowledged, lost } = await node.writer.stop();
    samples.note(`rows acknowledged, ${what}`, acknowledged, { unit: 'rows' });
    samples.note(`of these lost, ${what}`, lost, { unit: 'rows', goal: lostGoal });
  } finally {
    await node.close();
  }
}

async function kill({ writer, primary, service, revive }) {
  const [container, dead] = [await primary(), service?.()];
  const begun = performance.now();
  await sh('docker', ['kill', '--signal', 'KILL', container]);
  await writer.wroteAfter(performance.now() + 50);
  const { ms } = writer.outage(begun);
  if (dead !== undefined) await revive(dead);
  return ms;
}
