// bin/up again, when everything runs and the example database is there.
import { sh } from '../stack.mjs';

export const up = {
  hosts: 1,
  repeats: 10,
  minutes: 4,
  run: async ({ samples, rounds }) => {
    await sh('bin/up', [], { timeout: 300_000 });
    for await (const _ of rounds())
      await samples.time('bin/up when all is up', () => sh('bin/up'), { unit: 's', goal: '5' });
  },
};
