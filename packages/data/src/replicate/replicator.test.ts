import { DomainError } from '@windlass/error-table';
import { transaction } from '../testing/replicate/fakes.ts';
import { closed, world } from '../testing/replicate/world.ts';
import { until } from '../testing/until.ts';
import { OwnConnectionLost, ReadAgain } from './port.ts';
import { PeerForked } from './timeline.ts';

it('applies what peers write, and confirms it when it is safe', async () => {
  const { n2, n3, data } = world();
  n2.write(...transaction(100n));
  n3.write(...transaction(200n));
  await until(() => data.applied.length === 2 && n2.confirmed.includes(110n) && n3.confirmed.includes(210n));
});

it('confirms nothing that is committed and not yet safe', async () => {
  const { data, n2, peer } = world();
  await until(() => peer(2)?.state === 'streaming' && data.beats > 0);
  let release = (): void => undefined;
  data.holdBeats = new Promise((resolve) => (release = resolve));
  n2.write(...transaction(100n));
  await until(() => data.applied.includes(100n));
  const { looks } = data;
  await until(() => data.looks > looks + 10);
  expect(n2.confirmed).toEqual([]);
  release();
  await until(() => n2.confirmed.includes(110n));
});

it('never confirms more than is committed', async () => {
  const { data, n2, peer } = world();
  n2.write(...transaction(100n));
  await until(() => data.applied.includes(100n));
  data.hold.set(2, new Promise(() => undefined));
  n2.write(...transaction(200n), ...transaction(300n));
  const beats = data.beats;
  await until(() => data.beats > beats + 1 && n2.given === 2);
  expect(n2.confirmed).toEqual([110n]);
  expect(peer(2)).toMatchObject({ committedLsn: 110n, confirmedLsn: 110n });
});

it('reads no more of a peer while the applier wants no more, and goes on with the others', async () => {
  const { data, n2, n3 } = world();
  data.hold.set(2, new Promise(() => undefined));
  for (let i = 1n; i <= 20n; i += 1n) {
    n2.write(...transaction(i * 100n));
    n3.write(...transaction(i * 100n));
  }
  await until(() => n3.given === 20);
  expect(n2.given).toBe(1);
});

it('is back at once after a connection was killed, a hundred times', async () => {
  const { data, n2 } = world();
  const begun = Date.now();
  for (let i = 1n; i <= 100n; i += 1n) {
    n2.write(...transaction(i * 100n));
    await until(() => data.applied.includes(i * 100n));
    n2.breakOff(closed());
  }
  expect(Date.now() - begun).toBeLessThan(5000);
  expect(data.applied).toEqual([...new Set(data.applied)]);
  expect(n2.startedAt).toContain(9910n);
});

it('waits shortly while a peer is away, says so, and is back within a second', async () => {
  const { n2, n3, data, conditions, peer } = world();
  await until(() => peer(2)?.state === 'streaming');
  n2.openFails = closed();
  n2.breakOff(closed());
  await until(() => conditions().includes('peer_unreachable 2'));
  n3.write(...transaction(300n));
  await until(() => data.applied.includes(300n));
  const { attempts } = n2;
  await until(() => n2.attempts > attempts + 2);
  n2.openFails = undefined;
  await until(() => peer(2)?.state === 'streaming', 1000);
  expect(conditions()).toEqual([]);
});

it('one peer that only a person can help stops alone, and says what it is', async () => {
  const { data, n2, n3, conditions, peer } = world();
  data.failing.set(200n, new Error('"public"."t" has no column "c"'));
  n2.write(...transaction(100n), ...transaction(200n), ...transaction(300n));
  n3.write(...transaction(400n));
  await until(() => conditions().includes('apply_stopped 2') && data.applied.includes(400n));
  expect(peer(2)).toMatchObject({ state: 'stopped', stoppedAt: 200n, waitsFor: '"public"."t" has no column "c"' });
  n3.write(...transaction(500n));
  await until(() => data.applied.includes(500n));
  expect(data.applied).not.toContain(300n);
});

it('goes on by itself when what stopped it is mended', async () => {
  const { data, n2, conditions, peer } = world();
  data.failing.set(100n, new Error('no such table'));
  n2.write(...transaction(100n));
  await until(() => peer(2)?.state === 'stopped');
  data.failing.clear();
  await until(() => data.applied.includes(100n));
  await until(() => conditions().length === 0 && peer(2)?.state === 'streaming');
});

it('leaves out the transaction that somebody says, and no other', async () => {
  const { data, n2, peer, conditions } = world();
  data.failing.set(200n, new Error('impossible'));
  for (const lsn of [100n, 200n, 300n]) n2.write(...transaction(lsn));
  await until(() => peer(2)?.stoppedAt === 200n);
  data.skipped.set(2, new Set([200n]));
  await until(() => data.applied.includes(300n), 1000);
  expect(data.applied).toEqual([100n, 300n]);
  await until(() => conditions().length === 0);
});

it('a stream that is to be read again is read at once, without a word', async () => {
  const { data, n2, conditions } = world();
  data.failing.set(100n, new ReadAgain());
  n2.write(...transaction(100n));
  await until(() => n2.startedAt.length > 2);
  expect(conditions()).toEqual([]);
  data.failing.clear();
  await until(() => data.applied.includes(100n));
});

it('opens everything again when its own primary is gone, at what that has', async () => {
  const { data, n2, owns, appliers, conditions } = world();
  n2.write(...transaction(100n));
  await until(() => data.applied.includes(100n));
  data.openFails = new DomainError('no_primary');
  const [own] = owns;
  if (own) own.broken = new OwnConnectionLost('gone');
  await until(() => conditions().includes('own_unreachable undefined'));
  expect(appliers[0]?.isClosed).toBe(true);
  data.openFails = undefined;
  n2.write(...transaction(200n));
  await until(() => data.applied.includes(200n), 1000);
  expect(n2.startedAt.at(-1)).toBe(110n);
  expect(conditions()).toEqual([]);
});

it('sets progress back when a peer has lost commits that are here', async () => {
  const { data, n2, conditions, peer } = world();
  n2.write(...transaction(100n), ...transaction(200n));
  await until(() => data.applied.includes(200n));
  n2.openFails = new PeerForked(2, { at: 110n, timeline: 2 });
  n2.breakOff(closed());
  await until(() => data.rewound.length > 0);
  n2.openFails = undefined;
  await until(() => peer(2)?.state === 'streaming');
  expect(data.rewound[0]).toEqual([2, 110n]);
  expect(conditions()).toEqual(['peer_lost_commits 2']);
});

it('stops within a second also when nothing answers any more', async () => {
  const { data, n2, replicator, peer } = world();
  await until(() => peer(2)?.state === 'streaming');
  data.holdBeats = new Promise(() => undefined);
  data.hold.set(2, new Promise(() => undefined));
  n2.write(...transaction(100n));
  await until(() => n2.given === 1);
  const begun = Date.now();
  await replicator.stop();
  expect(Date.now() - begun).toBeLessThan(1500);
});
