import type { Clients } from '../clients/index.ts';
import { serviceOf } from '../inside/index.ts';
import type { Log } from '../../watcher/log.ts';
import { container } from '../../testing/instance-fixture.ts';
import { FailoverSlots } from './failover-slots.ts';

const [ME, OTHER, OTHERS] = ['shop-n1-aaaaaaaa', 'shop-n1-bbbbbbbb', 'shop_n1_bbbbbbbb'];
const member = { scope: 'shop:n1', instanceId: ME, peerSlots: ['windlass_n2', 'windlass_n3'] };
const logical = (name: string, more: object = {}) => ({
  ...{ name, physical: false, active: false, temporary: false, at: '5', synced: true, invalid: false },
  ...more,
});
const standby = (active: boolean) => ({ name: OTHERS, physical: true, active, temporary: false, at: '9' });
const primary = { replica: false, listed: '', synchronous: '', flushed: '9', receiving: false, slots: [standby(true)] };
const READY = member.peerSlots.map((name) => logical(name));
const replica = { replica: true, listed: '', synchronous: '', flushed: null, receiving: true, slots: READY };

/** Looks once for each answer; gives what was changed at each look. */
async function over(answers: readonly object[], leader = OTHER): Promise<string[][]> {
  let [answer, changes]: [object, string[]] = [{}, []];
  const session = {
    literal: (text: string) => `'${text}'`,
    query: (text: string, params: unknown[] = []) => {
      if (text.startsWith('SELECT pg_catalog.pg_is_in_recovery')) return Promise.resolve([answer]);
      changes.push([text, ...params].join(' ').replaceAll('pg_catalog.', ''));
      return Promise.resolve([]);
    },
  };
  const clients = {
    docker: {
      serviceContainers: () => Promise.resolve(new Map([[serviceOf(member.instanceId), container]])),
    },
    dcs: { leader: () => Promise.resolve(leader) },
    postgres: { session: (_target: unknown, work: (s: unknown) => unknown) => work(session) },
  } as unknown as Clients;
  const quiet = { warn: () => undefined, info: () => undefined } as unknown as Log;
  const slots = new FailoverSlots(clients, () => [member], quiet);
  const all: string[][] = [];
  for (const one of answers) {
    [answer, changes] = [one, []];
    slots.look();
    await slots.settled();
    all.push(changes);
  }
  return all;
}

const RELOAD = 'SELECT pg_reload_conf()';
const LIST = `ALTER SYSTEM SET synchronized_standby_slots = '${OTHERS}'`;
const RESET = 'ALTER SYSTEM RESET synchronized_standby_slots';
const drop = (name: string): string => `SELECT pg_drop_replication_slot($1) ${name}`;

test('a primary waits for a standby that keeps up, and no more once it is dead', async () => {
  const listed = { ...primary, listed: OTHERS };
  const dead = { ...listed, slots: [standby(false)] };
  expect(await over([primary, primary, listed, dead])).toEqual([[], [LIST, RELOAD], [], [RESET, RELOAD]]);
});

test('a primary that a replica has begun to follow writes what copies of slots begin with, for a minute', async () => {
  const row = { ...primary, listed: OTHERS, slots: [standby(true), logical('windlass_n2', { synced: false })] };
  const alone = { ...row, slots: [standby(false), logical('windlass_n2', { synced: false })] };
  const snapshot = 'SELECT pg_log_standby_snapshot()';
  jest.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValueOnce(59_000).mockReturnValueOnce(61_000);
  expect(await over([row, row, row, alone])).toEqual([[snapshot], [snapshot], [], [RESET, RELOAD]]);
  jest.restoreAllMocks();
});

test('a Postgres that does not know the setting is left alone', async () => {
  expect(
    await over([
      { ...primary, listed: null },
      { ...replica, listed: null, slots: [] },
    ]),
  ).toEqual([[], []]);
});

test('a replica waits for nobody, also after it was the primary', async () => {
  expect(await over([replica, { ...replica, listed: OTHERS }])).toEqual([[], [RESET, RELOAD]]);
});

test('a slot from when it was the primary is dropped where it follows another one, and the copying begins', async () => {
  const slots = [logical('windlass_n2', { synced: false }), logical('cdc', { synced: false })];
  expect(await over([{ ...replica, slots }])).toEqual([[drop('windlass_n2'), RELOAD]]);
});

test.each([
  ['it receives nothing yet', { ...replica, receiving: false }, OTHER],
  ['it leads, and was only restarted', replica, ME],
])('no slot is dropped where %s', async (_why, row, leader) => {
  const slots = [logical('windlass_n2', { synced: false }), logical('windlass_n3', { synced: false })];
  const [changes] = await over([{ ...row, slots }], leader);
  expect(changes?.filter((one) => one.includes('drop'))).toEqual([]);
});

test.each([
  ['missing', [logical('windlass_n2')]],
  ['temporary', [logical('windlass_n2'), logical('windlass_n3', { temporary: true })]],
  ['invalid', [logical('windlass_n2'), logical('windlass_n3', { invalid: true })]],
])('the copying is hastened while a copy is %s, not at every look', async (_what, slots) => {
  expect(
    await over([
      { ...replica, slots },
      { ...replica, slots },
    ]),
  ).toEqual([[RELOAD], []]);
});
