import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DomainError, toFailure } from '@windlass/resources/errors';
import { bundleFrom } from '../testing/bundle-from.ts';
import { Gate } from '../testing/gate.ts';
import { openRig, type Rig } from '../testing/rig.ts';
import { step } from '../testing/steps.ts';

let rig: Rig;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'windlass-plan-'));
  const bundle = path.join(folder, 'bundle.js');
  await writeFile(bundle, await bundleFrom(path.join(__dirname, '../testing/plan-alone.ts')));
  rig = await openRig(bundle);
});
afterAll(async () => {
  await rig.close();
  await rm(folder, { recursive: true });
});

const steps = [step('a'), step('b'), step('never', [0])];

test('canceled while several steps run it ends as canceled, not as failed; what follows them never begins', async () => {
  const [a, b] = [new Gate(), new Gate()];
  const apply = (label: string, canceled: Promise<never>): Promise<void> =>
    Promise.race([(label.endsWith('::a') ? a : b).wait(), canceled]);
  const flow = await rig.start('planAlone', { steps, apply }, { steps });
  await Promise.all([a.reached, b.reached]);
  await flow.handle.cancel();
  expect(await flow.handle.result()).toBe('canceled');
  expect(flow.names().sort()).toEqual(['applyStep create test::a', 'applyStep create test::b']);
});

test('without a cancel steps that fail are a failure', async () => {
  const apply = (): void => {
    throw toFailure(new DomainError('invalid_input', 'no'));
  };
  const flow = await rig.start('planAlone', { steps, apply }, { steps });
  expect(await flow.handle.result()).toBe('failed');
});
