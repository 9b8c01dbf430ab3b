// What one step of a plan costs when the resource does nothing: our workflow, activities and engine on the stack's
// Temporal and etcd, beside a workflow that only calls as many empty activities in the same shape.

const STEPS = 25;
/** Positions each step waits for: five chains side by side, as in a create; or all one after another. */
const SHAPES = {
  'five chains of 5': (i) => (i < 5 ? [] : [i - 5]),
  'one after another': (i) => (i === 0 ? [] : [i - 1]),
};

export const engine = {
  hosts: 1,
  repeats: 20,
  minutes: 3,
  run: async ({ samples, rounds }) => {
    const { openBenchWorkers } = await import('../engine/workers.mjs'); // of what bin/up builds
    const workers = await openBenchWorkers();
    try {
      for await (const round of rounds()) {
        const empty = await workers.task(0, () => []);
        if (round > 0) samples.note('task without a step, start to result', empty);
        for (const [shape, after] of Object.entries(SHAPES)) {
          const ours = await workers.task(STEPS, after);
          const raw = await workers.raw(STEPS, after);
          if (round === 0) continue; // caches are cold
          samples.note(`${STEPS} no-op steps, ${shape}`, ours - empty, { goal: '250' });
          samples.note(`per step, ${shape}`, (ours - empty) / STEPS, { goal: '10' });
          samples.note(`floor: ${STEPS} empty activities, ${shape}`, raw);
          samples.note(`ours / floor, ${shape}`, (ours - empty) / raw, { unit: 'ratio' });
        }
      }
    } finally {
      await workers.close();
    }
  },
};
