import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { dataConverter } from '../testing/data-converter.ts';
import { Gate } from '../testing/gate.ts';
import { openRig, type Flow, type Rig } from '../testing/rig.ts';
import { step } from '../testing/steps.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

/** What Temporal's UI shows as the current details of a run. */
async function currentDetails({ handle }: Flow): Promise<unknown> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails;
}

test('the current details name the steps that run now and how many are done', async () => {
  const gates = { a: new Gate(), b: new Gate() };
  const flow = await rig.start('createDatabase', {
    steps: [step('a'), step('b', [0])],
    apply: (label) => (label.endsWith('::a') ? gates.a.wait() : gates.b.wait()),
  });
  await gates.a.reached;
  expect(await currentDetails(flow)).toBe('0 of 2 steps done\n\n- create test::a');
  gates.a.open();
  await gates.b.reached;
  expect(await currentDetails(flow)).toBe('1 of 2 steps done\n\n- create test::b');
  gates.b.open();
  await flow.handle.result();
  expect(await currentDetails(flow)).toBe('2 of 2 steps done');
});

test('every activity on a host has a summary a person understands', async () => {
  const flow = await rig.start('updateDatabase', { refreshQueues: ['host.h1'], steps: [step('a')] }, { revision: 1 });
  await flow.handle.result();
  const { events } = await flow.handle.fetchHistory();
  const kept = (events ?? []).flatMap(({ userMetadata, activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.taskQueue?.name?.startsWith('host.') ? [userMetadata?.summary as Payload] : [],
  );
  const summaries = (await dataConverter.payloadCodecs[0]?.decode(kept))?.map((summary) =>
    defaultPayloadConverter.fromPayload(summary),
  );
  expect(summaries).toEqual(['refresh host.h1', 'create test::a', 'sample the status of the instances']);
});
