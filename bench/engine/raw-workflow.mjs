// The raw floor: empty activities in the shape of a plan, and nothing else. Bundled by workers.mjs.
import { proxyActivities } from '@temporalio/workflow';

const { nothing } = proxyActivities({
  taskQueue: 'host.bench',
  startToCloseTimeout: '10s',
  heartbeatTimeout: '1500ms',
});

export async function rawSteps(afters) {
  const ends = [];
  for (const after of afters) ends.push(Promise.all(after.map((i) => ends[i])).then(() => nothing()));
  await Promise.all(ends);
}
