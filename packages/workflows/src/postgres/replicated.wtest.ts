import { end, moves, node, only, refused } from '../testing/moves.ts';
import { openRig, type Rig } from '../testing/rig.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

test('a skip runs beside whatever owns the database, at the primary of the node', async () => {
  const flow = await rig.start('skipTransaction', { node }, { nodeName: 'n1', peer: 'n2', lsn: '0/1' });
  expect(await end(flow)).toEqual({ outcome: 'completed' });
  expect(moves(flow)).toEqual([expect.stringMatching(/^beginBeside on/), 'skipTransaction on host.h1']);
});

test('one that is refused fails in its own words', async () => {
  const script = { node, ...only('skipTransaction', () => Promise.reject(refused('it is not stopped') as Error)) };
  const flow = await rig.start('skipTransaction', script, { nodeName: 'n1', peer: 'n2', lsn: '0/1' });
  expect(await end(flow)).toEqual({ outcome: 'failed', error: 'it is not stopped' });
});

test('nodes are compared from the primary of one of them', async () => {
  const flow = await rig.start('compareNodes', { node }, { nodeName: 'n1', repairFrom: 'n1' });
  expect(await end(flow)).toEqual({ outcome: 'completed' });
  expect(moves(flow)).toEqual([expect.stringMatching(/^beginBeside on/), 'compareNodes on host.h1']);
  expect(flow.inputOf('compareNodes')).toMatchObject({ repairFrom: 'n1', beganAt: expect.any(String) as string });
});

test('a comparison that is canceled ends as canceled', async () => {
  let isReached = (): void => undefined;
  const reached = new Promise<void>((resolve) => (isReached = resolve));
  const script = {
    node,
    move: (now: string, canceled: Promise<never>) => (now === 'compareNodes' ? (isReached(), canceled) : undefined),
  };
  const flow = await rig.start('compareNodes', script, { nodeName: 'n1' });
  await reached;
  await flow.handle.cancel();
  expect(await end(flow)).toEqual({ outcome: 'canceled' });
});
