import type { ContainerSummary, ReplicationPort, ReplicatorFacts } from '../clients/index.ts';
import { DomainError } from '../../errors/index.ts';
import { hostInstance } from '../../testing/instance-fixture.ts';
import { ReplicatorLooks } from './replicator-looks.ts';

const peer: ReplicatorFacts['peers'][number] = {
  ...{ number: 2, name: 'n2', state: 'streaming', waitsFor: null, lagBytes: 0, lagMs: 0 },
  ...{ lastCommitTime: '2026-01-01T00:00:00.000Z', clockOffsetMs: 1.5, stoppedAt: null },
};
const slot = { peer: 2, exists: true, active: true, walStatus: 'reserved', safeWalSize: 5, retainedBytes: 7 };
const healthy: ReplicatorFacts = { primary: 'a:5432', peers: [peer], slots: [slot], conflicts: 3, conditions: [] };
const replicates = { number: 1, peers: [{ number: 2, name: 'n2' }] };
const container: ContainerSummary = { id: 'c', state: 'running', address: '10.0.0.2', labels: {} };
const beside = (one = container) => Promise.resolve(new Map([['repl-shop-n1-a', one]]));

let facts: ReplicatorFacts | undefined;
const asked: string[] = [];
const replication = {
  status: (address: string) => {
    asked.push(address);
    return facts ? Promise.resolve(facts) : Promise.reject(new DomainError('replicator_unavailable', 'refused'));
  },
} as unknown as ReplicationPort;

const changed: string[] = [];
let looks: ReplicatorLooks;
beforeEach(() => {
  jest.useFakeTimers();
  facts = healthy;
  [asked.length, changed.length] = [0, 0];
  looks = new ReplicatorLooks(replication, (key) => changed.push(key));
  looks.start();
});
afterEach(() => {
  looks.stop();
  jest.useRealTimers();
});
const sample = (containers = beside()) => looks.sample(hostInstance, replicates, containers);

test('what the replicator says is told', async () => {
  expect(await sample()).toEqual({
    status: {
      number: 1,
      conflicts: 3,
      peers: [
        {
          ...{ number: 2, name: 'n2', state: 'replicating', lagBytes: 0, lagMs: 0, clockOffsetMs: 1.5 },
          lastCommitAt: '2026-01-01T00:00:00.000Z',
          slot: { exists: true, active: true, walStatus: 'reserved', safeWalSize: 5, retainedBytes: 7 },
        },
      ],
    },
    conditions: [],
  });
});

test('a stream that stops is told within 1.5 s, once, with what to do', async () => {
  await sample();
  await jest.advanceTimersByTimeAsync(1500);
  expect(changed).toEqual([]);
  const condition = { type: 'apply_stopped', peer: 2, message: 'no such table', since: '2026-01-01T00:00:00.000Z' };
  facts = { ...healthy, peers: [{ ...peer, state: 'stopped', stoppedAt: '0/1A' }], conditions: [condition] };
  await jest.advanceTimersByTimeAsync(4500);
  expect(changed).toEqual([hostInstance.key]);
  const { status, conditions } = await sample();
  expect(status.peers[0]).toMatchObject({ state: 'stopped', stoppedAt: '0/1A' });
  expect(conditions).toMatchObject([
    {
      type: 'replication_stopped',
      message: expect.stringContaining('POST …/nodes/n1/skip {"peer":"n2","lsn":"0/1A"}') as string,
      since: '2026-01-01T00:00:00.000Z',
    },
  ]);
});

test('lag and commit times alone are no news', async () => {
  await sample();
  facts = { ...healthy, peers: [{ ...peer, lagBytes: 99, lagMs: 5 }], conflicts: 4 };
  await jest.advanceTimersByTimeAsync(1500);
  expect([asked.length, changed]).toEqual([2, []]);
});

test.each([
  ['does not answer', beside, 'refused'],
  ['does not run', () => beside({ ...container, state: 'exited' }), 'it does not run'],
  ['is not there', () => Promise.resolve(new Map<string, ContainerSummary>()), 'it does not run'],
  ['cannot be found, as Docker does not answer', () => Promise.reject(new Error('no Docker')), 'it does not run'],
])('one that %s: every peer is unknown, and since when', async (_what, containers, reason) => {
  facts = undefined;
  const first = await sample(containers());
  expect(first.status).toMatchObject({ number: 1, peers: [{ name: 'n2', state: 'unknown' }] });
  expect(first.status.error).toContain(reason);
  await jest.advanceTimersByTimeAsync(1200);
  const { conditions } = await sample(containers());
  expect(conditions).toEqual(first.conditions);
  expect(conditions).toMatchObject([{ type: 'replicator_not_working' }]);
});

test('a peer its replicator does not know of is unknown, and a condition of a later release is not lost', async () => {
  const later = { type: 'of_a_later_release', peer: null, message: 'm', since: '2026-01-01T00:00:00.000Z' };
  facts = { ...healthy, peers: [], conditions: [later] };
  const { status, conditions } = await sample();
  expect(status.peers[0]?.state).toBe('unknown');
  expect(conditions).toMatchObject([{ type: 'replication_upkeep_failed' }]);
});

test('DDL that waits for locks is a condition of its own, with what is to be done', async () => {
  const waits = { type: 'ddl_waits', peer: 2, message: 'm', since: '2026-01-01T00:00:00.000Z' };
  facts = { ...healthy, conditions: [waits] };
  const { conditions } = await sample();
  expect(conditions).toMatchObject([
    { type: 'ddl_waits', message: expect.stringContaining('end who holds') as string },
  ]);
});

test('one that is forgotten is not asked any more', async () => {
  await sample();
  looks.forget(hostInstance.key);
  await jest.advanceTimersByTimeAsync(5000);
  expect(asked.length).toBe(1);
});
