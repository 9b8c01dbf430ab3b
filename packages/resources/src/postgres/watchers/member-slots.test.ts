import type { Clients } from '../clients/index.ts';
import type { Log } from '../../watcher/log.ts';
import { MemberSlots } from './member-slots.ts';
import { container } from '../../testing/instance-fixture.ts';
import type { InstanceStatus } from '../records/index.ts';

const MINUTE = 60_000;
const [A, B, GONE, LIKE] = ['shop-n1-aaaaaaaa', 'shop-n1-bbbbbbbb', 'shop_n1_cccccccc', 'shop_n1_backup'];
const slot = (name: string, held = 0, lsn = '0/1') => ({ name, lsn, held: String(held) });

/** Looks once a minute at the rows that `rows` gives for it; returns what was dropped, with the minute. */
async function over(minutes: number, writable: boolean, rows: (minute: number) => ReturnType<typeof slot>[]) {
  const dropped: string[] = [];
  let minute = 0;
  const session = {
    query: (text: string, params?: unknown[]) => {
      if (text.includes('drop')) dropped.push(`${String(minute)} ${String(params?.[0])}`);
      return Promise.resolve(text.includes('drop') ? [] : rows(minute));
    },
  };
  const clients = {
    docker: { serviceContainer: () => Promise.resolve(container) },
    dcs: { members: () => Promise.resolve([A, B]) },
    postgres: { session: (_target: unknown, work: (s: unknown) => unknown) => work(session) },
  } as unknown as Clients;
  const slots = new MemberSlots(clients, { warn: () => undefined } as unknown as Log, () => (minute + 1) * MINUTE);
  const status = { instanceId: A, role: writable ? 'primary' : 'replica', writable } as InstanceStatus;
  for (; minute < minutes; minute++) await slots.note(status, 'shop:n1');
  return dropped;
}

test('the slot of a member that is gone is dropped when Patroni has given it up, and no other', async () => {
  const rows = (minute: number) =>
    minute > 31 ? [] : [slot(GONE), slot('shop_n1_bbbbbbbb', 2 ** 30), slot(LIKE), slot('cdc')];
  expect(await over(40, true, rows)).toEqual([`31 ${GONE}`]);
});

test('a member that comes back, or a slot that is moved on, begins anew', async () => {
  expect(await over(60, true, (minute) => (minute === 30 ? [] : [slot(GONE)]))).toEqual([]);
  expect(await over(60, true, (minute) => [slot(GONE, 0, `0/${String(Math.floor(minute / 30))}`)])).toEqual([]);
});

test('at a replica a slot of another member that stands still in front of much WAL is dropped', async () => {
  const rows = (held: number) => (minute: number) => (minute > 31 ? [] : [slot('shop_n1_bbbbbbbb', held)]);
  expect(await over(40, false, rows(2 ** 30))).toEqual(['31 shop_n1_bbbbbbbb']);
  expect(await over(40, false, rows(1000))).toEqual([]);
});
