import { openRig, type Rig } from '../testing/rig.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

const FINDING = { ref: { kind: 'test', id: 'a' }, missing: false, drift: ['port'] };

test('a host that does not answer is reported to the plan, not waited for, and does not fail the task', async () => {
  const begun = Date.now();
  const flow = await rig.start('updateDatabase', {
    refreshQueues: ['host.away', 'host.h1'],
    findings: [FINDING],
  });
  await flow.handle.result();
  expect(flow.inputOf('planChange')).toMatchObject({ unreachable: ['host.away'], findings: [FINDING] });
  expect(flow.inputOf('finishTask')).toMatchObject({ outcome: 'completed' });
  expect(Date.now() - begun).toBeLessThan(10_000);
});

test('inspect looks at every queue and stores nothing', async () => {
  const flow = await rig.start('inspectDatabase', { refreshQueues: ['host.h1', 'host.h2'], findings: [FINDING] });
  expect(await flow.handle.result()).toEqual({ findings: [FINDING, FINDING], unreachable: [] });
  expect(flow.names().sort()).toEqual(['listQueues', 'refreshHost', 'refreshHost']);
  expect(flow.inputOf('refreshHost')).not.toHaveProperty('taskId');
});

test('a dry run plans the proposal on what the hosts found', async () => {
  const flow = await rig.start(
    'planDatabase',
    { refreshQueues: ['host.h1'], findings: [FINDING] },
    { proposalId: 'p-1' },
  );
  expect(await flow.handle.result()).toEqual({ steps: [], sentences: [] });
  expect(flow.inputOf('planProposal')).toMatchObject({ proposalId: 'p-1', findings: [FINDING], unreachable: [] });
});

test('a placement is checked by every host of the proposal; one that is away is named', async () => {
  const flow = await rig.start(
    'validatePlacement',
    { hostQueues: ['host.away', 'host.h1', 'host.h2'] },
    { proposalId: 'p-1' },
  );
  expect(await flow.handle.result()).toEqual({
    problems: ['host.away does not answer', 'looked at by host.h1', 'looked at by host.h2'],
  });
});
