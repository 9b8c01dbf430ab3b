import { PRIMARY as A, REPLICA as B } from '../testing/contract-world.ts';
import type { Fixture } from '../testing/fixture.ts';
import { DOWN, openTwoNodes, OTHER, sampleOf, type Sample } from '../testing/two-nodes.ts';

let f: Fixture;
beforeEach(async () => void (f = await openTwoNodes()));
afterEach(() => f.app.close());

const sample = (...about: Sample) => sampleOf(f, ...about);
const post = (path: string, body?: unknown) => f.call('POST', `/v1/databases/shop/${path}`, body);

test('a primary that is away refuses a switchover and not a failover', async () => {
  await sample(A, 'n1', 'host-1', DOWN);
  await sample(B, 'n1', 'host-2', { role: 'replica', streaming: false });
  const answer = await post('nodes/n1/switchover');
  expect([answer.status, answer.body['message']]).toEqual([404, 'no primary instance found for the given node']);
  expect((await post('nodes/n1/failover', { candidate_instance_id: B })).status).toBe(200);
});

test.each([
  ['switchover', 'degraded', { role: 'replica', streaming: false }],
  ['failover', 'stopped', DOWN],
] as const)('a %s to a candidate that is %s is refused', async (operation, state, how) => {
  await sample(B, 'n1', 'host-2', how);
  const answer = await post(`nodes/n1/${operation}`, { candidate_instance_id: B });
  expect(answer.body['message']).toBe(`candidate instance ${B} is not available (state=${state})`);
});

test('a replica that connects again, as after a takeover, does not keep a switchover to anyone from being accepted', async () => {
  await sample(B, 'n1', 'host-2', { role: 'replica', streaming: false });
  expect((await post('nodes/n1/switchover', {})).status).toBe(200);
});

test.each([
  ['of which nothing was heard for a while', { sampledAt: '2026-01-01T00:00:00.000Z' }],
  ['that starts', { role: 'replica', streaming: false, writable: false, patroniState: 'starting' }],
] as const)(
  'a replica %s does not keep a failover to anyone from being accepted, but a switchover',
  async (_what, how) => {
    await sample(B, 'n1', 'host-2', how);
    const refused = await post('nodes/n1/switchover');
    expect([refused.status, refused.body['message']]).toEqual([400, 'node n1 has no replica that could take over']);
    expect((await post('nodes/n1/failover')).status).toBe(200);
  },
);

test('a failover of a node with nobody else is refused, whatever is known of it', async () => {
  await sample(OTHER, 'n2', 'host-1', { sampledAt: '2026-01-01T00:00:00.000Z' });
  expect((await post('nodes/n2/failover')).body['message']).toBe('node n2 has no replica that could take over');
});
