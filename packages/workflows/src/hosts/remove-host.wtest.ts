import { openRig, type Flow, type Rig } from '../testing/rig.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

type Script = Parameters<Rig['start']>[1];

/** A removal of a host that has the id of the flow. */
const remove = (script: Script): Promise<Flow> => rig.startNamed('removeHost', script, (hostId) => ({ hostId }));
const updates = ['shop', 'bank'].map((databaseId) => ({ databaseId, taskId: `u-${databaseId}` }));

test('waits for every update, takes the node out of the swarm, forgets the host', async () => {
  const flow = await remove({ removal: { updates, swarm: { nodeId: 'n2', queue: 'host.h1' } } });
  await flow.handle.result();
  expect(flow.names()).toEqual(['beginRemoval', 'awaitUpdate', 'awaitUpdate', 'leaveSwarm', 'forgetHost']);
  expect(flow.calls.find((call) => call.activity === 'leaveSwarm')).toMatchObject({
    queue: 'host.h1',
    input: { nodeId: 'n2' },
  });
});

test('without a manager elsewhere the swarm is left alone', async () => {
  const flow = await remove({ removal: {} });
  await flow.handle.result();
  expect(flow.names()).toEqual(['beginRemoval', 'forgetHost']);
});

test('a manager that does not answer does not keep the host', async () => {
  const flow = await remove({ removal: { swarm: { nodeId: 'n2', queue: 'host.away' } } });
  await flow.handle.result();
  expect(flow.names()).toEqual(['beginRemoval', 'forgetHost']);
});

test('a database that could not let go keeps the host, and is named', async () => {
  const flow = await remove({ removal: { updates }, failures: { bank: "database 'bank': no room" } });
  await expect(flow.handle.result()).rejects.toThrow();
  expect(flow.names()).toEqual(['beginRemoval', 'awaitUpdate', 'awaitUpdate', 'failRemoval']);
  expect(flow.inputOf('failRemoval')).toMatchObject({ error: "database 'bank': no room" });
});

test('hosts that are gone are not asked and not waited for; leaving ones are given up only when silent', async () => {
  const begun = Date.now();
  const flow = await rig.start(
    'updateDatabase',
    { refreshQueues: ['host.h1', 'host.gone'] },
    { revision: 1, goneHosts: ['gone', 'never-there'], leavingHosts: ['h1'] },
  );
  await flow.handle.result();
  expect(flow.inputOf('planChange')).toMatchObject({
    unreachable: ['host.gone', 'host.never-there'],
    givenUpHosts: ['gone', 'never-there'],
  });
  expect(Date.now() - begun).toBeLessThan(4000);
  const silent = await rig.start('updateDatabase', { refreshQueues: ['host.away'] }, { leavingHosts: ['away'] });
  await silent.handle.result();
  expect(silent.inputOf('planChange')).toMatchObject({ unreachable: ['host.away'], givenUpHosts: ['away'] });
});
