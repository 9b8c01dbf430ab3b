// The planner alone, without a stack: nothing to do, and everything to do, for growing numbers of resources.
import { median } from '../samples.mjs';

const SIZES = [1250, 2500, 5000, 10_000];
const EXECUTOR = { on: 'host', hostId: 'h1' };
const kindFacts = () => ({ immutable: ['name'], updatable: true });

/** Ten chains side by side: each resource depends on the output of the one ten before it, and orders after its neighbour. */
const resource = (i) => ({
  ref: { kind: 'bench.thing', id: `r${i}` },
  version: 1,
  spec: { name: `r${i}`, size: 1, labels: { a: 'b', c: 'd' } },
  executor: EXECUTOR,
  dependsOn:
    i < 10
      ? []
      : [{ ref: { kind: 'bench.thing', id: `r${i - 10}` } }, { ref: { kind: 'bench.thing', id: `r${i - 9}` } }],
});
const record = (desired) => ({
  ...desired,
  status: { made: true },
  phase: 'ready',
  inputsHash: '',
  taskId: 't',
  updatedAt: '',
});

export const plan = {
  hosts: 0,
  repeats: 30,
  minutes: 1,
  run: async ({ samples, rounds }) => {
    const { plan: makePlan } = await import('../../packages/resources/dist/engine/index.js'); // built by bin/up
    const inputs = SIZES.map((size) => {
      const desired = Array.from({ length: size }, (_, i) => resource(i));
      return { size, desired, current: desired.map(record) };
    });
    const perResource = new Map(SIZES.map((size) => [size, []]));
    for await (const round of rounds())
      for (const { size, desired, current } of inputs) {
        const begun = performance.now();
        const { steps } = makePlan({ current, desired, findings: [], kindFacts });
        const ms = performance.now() - begun;
        if (steps.length > 0) throw new Error('there was something to do');
        if (round < 3) continue; // the compiler is still at it
        samples.note(`plan of ${size} resources, nothing to do`, ms, { goal: size === 10_000 ? '150' : '' });
        perResource.get(size).push(ms / size);
      }
    const [small, large] = [median(perResource.get(SIZES[0])), median(perResource.get(SIZES.at(-1)))];
    samples.note('cost per resource: 10000 / 1250 (1: linear)', large / small, { unit: 'ratio', goal: 'linear' });
    const { desired } = inputs.at(-1);
    for (let i = 0; i < 5; i += 1)
      await samples.time('plan of 10000 resources, all to be created', () =>
        makePlan({ current: [], desired, findings: [], kindFacts }),
      );
  },
};
