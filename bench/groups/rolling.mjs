// A setting that needs a restart, on three instances: replicas first, one hand-over, then the old primary.
import { ended, update } from '../api.mjs';
import { HOSTS, openOurs } from '../clusters.mjs';

const ID = 'benchroll';
/** Shorter gaps between acknowledged rows are the machine's. */
const OUTAGE_MS = 250;

export const rolling = {
  hosts: 3,
  repeats: 5,
  minutes: 5,
  run: async ({ samples, rounds }) => {
    const node = await openOurs(ID);
    try {
      for await (const i of rounds()) {
        await node.ready();
        await node.writer.steady();
        const begun = performance.now();
        await ended(ID, await update(ID, HOSTS, { postgresql_conf: { max_connections: 110 + i } }));
        samples.note('POST to task completed', performance.now() - begun, { unit: 's', goal: '8' });
        await node.writer.wroteAfter(performance.now());
        samples.note('longest outage of writes', node.writer.outage(begun).ms, { goal: '1000' });
        samples.note(`outages longer than ${OUTAGE_MS} ms`, node.writer.outages(begun, OUTAGE_MS), {
          unit: 'outages',
          goal: '1',
        });
      }
      await node.writer.stop();
    } finally {
      await node.close();
    }
  },
};
