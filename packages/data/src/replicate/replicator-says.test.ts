import { DomainError } from '@windlass/error-table';
import { type FakeDatabase, transaction } from '../testing/replicate/fakes.ts';
import { closed, world } from '../testing/replicate/world.ts';
import { until } from '../testing/until.ts';
import { AnotherReplicator } from './own-session.ts';
import { OwnConnectionLost } from './port.ts';

it('says of a peer that refuses no longer that it is not reached', async () => {
  const { n2, conditions } = world();
  n2.openFails = closed();
  await until(() => conditions().includes('peer_unreachable 2'));
  n2.openFails = new DomainError('connection_failed', 'no', { details: { reason: 'auth' } });
  await until(() => conditions().includes('peer_refuses 2'));
  expect(conditions()).toEqual(['peer_refuses 2']);
});

it.each([
  ['some of it', (data: FakeDatabase) => void data.progress.set(2, 50n)],
  ['even the origin', (data: FakeDatabase) => void data.origins.delete(2)],
])('says what it had confirmed and its new primary lacks: %s', async (_, lose) => {
  const { data, n2, owns, conditions } = world();
  n2.write(...transaction(100n));
  await until(() => n2.confirmed.includes(110n));
  lose(data);
  const [own] = owns;
  if (own) own.broken = new OwnConnectionLost('gone');
  await until(() => conditions().includes('lost_what_was_confirmed 2'));
});

it.each([
  [new DomainError('source_not_ready'), 'own_not_ready undefined'],
  [new AnotherReplicator(), 'another_replicator undefined'],
  [new DomainError('no_primary'), 'own_unreachable undefined'],
])('says of an own node with %s: %s', async (err, condition) => {
  const { data, owns, conditions } = world();
  await until(() => owns.length === 1);
  data.openFails = err;
  const [own] = owns;
  if (own) own.broken = new OwnConnectionLost('gone');
  await until(() => conditions().includes(condition));
  expect(conditions()).toEqual([condition]);
});

it('sees a slot of its own that is lost, one that is gone, and one that soon will be', async () => {
  const { data, conditions } = world();
  const slot = { active: false, safeWalSize: undefined, retainedBytes: 0, walStatus: 'reserved', exists: true };
  data.slots = [
    { ...slot, peer: 2, name: 'windlass_n2' },
    { ...slot, peer: 3, name: 'windlass_n3' },
  ];
  await until(() => data.looks > 2);
  expect(conditions()).toEqual([]);
  data.slots = [
    { ...slot, peer: 2, name: 'windlass_n2', walStatus: 'lost' },
    { ...slot, peer: 3, name: 'windlass_n3', safeWalSize: 10, retainedBytes: 90 },
  ];
  await until(() => conditions().includes('slot_lost 2') && conditions().includes('slot_nearly_lost 3'));
  data.slots = [{ ...slot, peer: 3, name: 'windlass_n3', exists: false }];
  await until(() => conditions().includes('slot_lost 3'));
});

it('writes down how it stands with its peers, for who asks the database', async () => {
  const { data, n2, n3 } = world();
  n3.openFails = closed();
  n2.write(...transaction(100n));
  const noted = (number: number) => data.notes.find(({ status }) => status.number === number)?.status;
  await until(() => noted(2)?.state === 'streaming' && noted(2)?.committedLsn === 110n);
  await until(() => noted(3)?.state === 'retrying');
  expect(noted(3)?.waitsFor).toContain('closed');
});

it('says which sequences collide, and that a schema is taken, until it is not so any more', async () => {
  const { data, replicator, conditions } = world();
  data.findings = { colliding: ['a', 'b', 'c', 'd', 'e', 'f'], isSpockTaken: true };
  await until(() => conditions().length === 2);
  expect(conditions().sort()).toEqual(['sequences_collide undefined', 'spock_schema_taken undefined']);
  const [said] = replicator.status.conditions.filter(({ type }) => type === 'sequences_collide');
  expect(said?.message).toContain('a, b, c, d, e and others');
  data.findings = { colliding: [], isSpockTaken: false };
  await until(() => conditions().length === 0);
});

it('says what keeps rows from being put back, until nothing does', async () => {
  const { data, replicator, conditions } = world();
  data.stuck = 'public.users cannot be applied';
  await until(() => conditions().includes('round_failed undefined'));
  expect(replicator.status.conditions[0]?.message).toContain('public.users');
  data.stuck = undefined;
  await until(() => conditions().length === 0);
});

it('says what keeps a sequence from being moved, and ends the term when the own primary does', async () => {
  const { data, conditions } = world();
  data.obeyFails = new Error('too small');
  await until(() => conditions().includes('round_failed undefined'));
  const { opened } = data;
  data.obeyFails = new OwnConnectionLost('gone');
  await until(() => data.opened > opened);
});
