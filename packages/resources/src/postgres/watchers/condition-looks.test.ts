import type { Check, Watched } from '../watch/index.ts';
import { ConditionLooks } from './condition-looks.ts';
import { RECEIVES_NOTHING } from './sample-instance.ts';
import { clientsThatFind, container, hostInstance, PRIMARY } from '../../testing/instance-fixture.ts';
import type { InstanceStatus } from '../records/index.ts';

const clients = clientsThatFind({ row: PRIMARY, standbys: () => Promise.resolve([]), onWake: () => undefined });
const status = { writable: true } as InstanceStatus;

function checkThat(look: (at: Watched) => Promise<readonly string[]>): Check {
  return {
    name: 'made-up',
    roles: ['writable'],
    look: async (at) => (await look(at)).map((message) => ({ type: 'backup_damaged', message })),
  };
}

const told: string[] = [];
beforeEach(() => void (told.length = 0));
const looksWith = (...all: Check[]): ConditionLooks => new ConditionLooks(clients, (key) => told.push(key), all);
const messages = (looks: ConditionLooks): string[] =>
  looks.of(hostInstance, container, status).map(({ message }) => message);

test('nobody waits for a look; what it has found is told, and known from then on', async () => {
  let found = (_messages: readonly string[]): void => undefined;
  const looks = looksWith(checkThat(() => new Promise((resolve) => (found = resolve))));
  expect([messages(looks), messages(looks)]).toEqual([[], []]);
  expect(told).toEqual([]);
  found(['a page is damaged']);
  await looks.settled();
  expect(told).toEqual([hostInstance.key]);
  expect(messages(looks)).toEqual(['a page is damaged']);
});

test('an instance is looked at once in ten seconds, and anew when it was forgotten', async () => {
  let count = 0;
  const looks = looksWith(checkThat(() => Promise.resolve([String((count += 1))])));
  for (const expected of [[], ['1'], ['1']]) {
    expect(messages(looks)).toEqual(expected);
    await looks.settled();
  }
  looks.forget(hostInstance.key);
  expect(messages(looks)).toEqual([]);
  await looks.settled();
  expect([count, messages(looks)]).toEqual([2, ['2']]);
});

test('what is found of an instance that was forgotten meanwhile is nothing', async () => {
  let found = (_messages: readonly string[]): void => undefined;
  const looks = looksWith(checkThat(() => new Promise((resolve) => (found = resolve))));
  messages(looks);
  const look = looks.settled();
  looks.forget(hostInstance.key);
  found(['a page is damaged']);
  await look;
  expect(told).toEqual([]);
});

test('a look that was begun for one that was forgotten says nothing about the one that has its place', async () => {
  const ends: ((messages: readonly string[]) => void)[] = [];
  const looks = looksWith(checkThat(() => new Promise((resolve) => ends.push(resolve))));
  messages(looks);
  const former = looks.settled();
  looks.forget(hostInstance.key);
  messages(looks);
  ends[0]?.(['a page is damaged']);
  await former;
  expect([told, messages(looks)]).toEqual([[], []]);
  ends[1]?.(['a slot holds much']);
  await looks.settled();
  expect([told, messages(looks)]).toEqual([[hostInstance.key], ['a slot holds much']]);
});

test('a check asks the Postgres of the container it is about', async () => {
  const rows: unknown[] = [];
  const look = async (at: Watched): Promise<string[]> => {
    rows.push(...(await at.ask((session) => session.query('SELECT 1'))), at.role, at.address);
    return [];
  };
  const looks = looksWith(checkThat(look));
  messages(looks);
  await looks.settled();
  expect(rows).toEqual([PRIMARY, 'writable', container.address]);
  expect(told).toEqual([]);
});

test.each([
  ['one that streams', { streaming: true, role: 'replica' }, 'streaming'],
  ['one that receives nothing', { role: 'replica', error: RECEIVES_NOTHING }, 'standby'],
  [
    'one that does not start, which Patroni calls a replica',
    { role: 'replica', error: 'it does not answer' },
    'silent',
  ],
  ['one that does not answer', { role: 'primary', error: 'it does not answer' }, 'silent'],
] as const)('the role of %s', async (_what, more, role) => {
  const seen: Watched['role'][] = [];
  const check: Check = {
    name: 'made-up',
    roles: ['writable', 'streaming', 'standby', 'silent'],
    look: (at) => {
      seen.push(at.role);
      return Promise.resolve([]);
    },
  };
  const looks = looksWith(check);
  looks.of(hostInstance, container, { ...status, writable: false, ...more });
  await looks.settled();
  expect(seen).toEqual([role]);
});

describe('an instance that has another role than before', () => {
  const finding = (message: string) => ({ type: 'replica_lacks_slots' as const, message });
  let ends: (() => void)[];
  let seen: Watched['role'][];
  let looks: ConditionLooks;
  beforeEach(() => {
    ends = [];
    seen = [];
    looks = looksWith({
      name: 'made-up',
      roles: ['streaming'],
      look: ({ role }) =>
        new Promise((resolve) => {
          seen.push(role);
          ends.push(() => resolve([]));
        }),
      untilSeen: ({ instanceId }) => [finding(`${instanceId} was not looked at`)],
    });
  });
  const found = (more: Partial<InstanceStatus>): string[] =>
    looks.of(hostInstance, container, { ...status, writable: false, ...more }).map(({ message }) => message);
  const [primary, replica] = [{ writable: true }, { streaming: true }];
  const assumed = [`${hostInstance.instanceId} was not looked at`];

  it('is looked at at once, and until then the worst is assumed', async () => {
    expect(found(primary)).toEqual([]);
    await looks.settled();
    expect([found(replica), found(replica), seen]).toEqual([assumed, assumed, ['streaming']]);
    ends[0]?.();
    await looks.settled();
    expect([told, found(replica), seen.length]).toEqual([[hostInstance.key], [], 1]);
  });

  it('is not one that does not answer for a moment, nor one that is seen for the first time', async () => {
    expect(found(replica)).toEqual([]);
    ends[0]?.();
    await looks.settled();
    expect([found({ error: 'it does not answer' }), found(replica), seen.length]).toEqual([[], [], 1]);
  });

  it('is not what a look says that was begun in the role before', async () => {
    found(replica);
    const before = looks.settled();
    found(primary);
    expect(found(replica)).toEqual(assumed);
    ends[0]?.();
    await before;
    expect([found(replica), told]).toEqual([assumed, []]);
  });
});
