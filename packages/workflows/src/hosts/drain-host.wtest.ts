import { openRig, type Flow, type Rig } from '../testing/rig.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

type Script = Parameters<Rig['start']>[1];

/** A drain of a host that has the id of the flow. */
const drain = (script: Script): Promise<Flow> => rig.startNamed('drainHost', script, (hostId) => ({ hostId }));
const moves = ['shop', 'bank'].map((databaseId) => ({
  databaseId,
  nodeName: 'n1',
  instanceId: `${databaseId}-n1-a`,
  taskId: `s-${databaseId}`,
}));

test('waits for every switchover, and says that it is done', async () => {
  const flow = await drain({ moves });
  await flow.handle.result();
  expect(flow.names()).toEqual(['beginDrain', 'awaitMove', 'awaitMove', 'endDrain']);
  expect(flow.inputOf('endDrain')).toMatchObject({ outcome: 'completed' });
});

test('a node that did not hand over is named, and the others were waited for', async () => {
  const flow = await drain({ moves, failures: { bank: "node n1 of database 'bank': nobody" } });
  await expect(flow.handle.result()).rejects.toThrow();
  expect(flow.names()).toEqual(['beginDrain', 'awaitMove', 'awaitMove', 'endDrain']);
  expect(flow.inputOf('endDrain')).toMatchObject({ outcome: 'failed', error: "node n1 of database 'bank': nobody" });
});
