import type { PostgresSession } from '../clients/ports.ts';
import type { Watched } from './check.ts';
import { slots } from './slots.ts';

const GIB = 1024 ** 3;
const logical = { name: 'cdc', type: 'logical', database: 'shop', active: false, walStatus: 'reserved', held: '0', failover: false, synced: false }; // prettier-ignore
const look = (row: object, role: Watched['role'] = 'writable') => {
  const session = { query: () => Promise.resolve([{ ...logical, ...row }]) } as unknown as PostgresSession;
  return slots.look({ role, scope: 'shop:n1', instanceId: 'a', ask: (work) => work(session) } as Watched);
};

test.each([
  ['is read', { active: true }, 'writable', undefined],
  ['holds little', { held: String(GIB - 1) }, 'writable', undefined],
  [
    'holds much',
    { held: String(3 * GIB) },
    'writable',
    ['slot_holds_wal', 'holds more than 2 GiB of WAL: nobody reads it'],
  ],
  [
    'lags',
    { held: String(9 * GIB), active: true },
    'writable',
    ['slot_holds_wal', 'more than 8 GiB of WAL: its reader is'],
  ],
  ['is in danger', { walStatus: 'unreserved' }, 'writable', ['slot_holds_wal', 'loses its WAL at the next checkpoint']],
  ['is lost', { walStatus: 'lost' }, 'writable', ['slot_lost', 'drop it and begin anew']],
  ['stands at a replica', {}, 'streaming', ['slot_left_behind', "at 'a', a replica, is read by nobody"]],
  ['is read at a replica', { active: true }, 'streaming', undefined],
  ['is a copy that Postgres made', { synced: true }, 'streaming', undefined],
  ['belongs to a member', { name: 'shop_n1_abcdefgh', type: 'physical', held: String(9 * GIB) }, 'writable', undefined],
] as const)('a slot that %s', async (_, row, role, expected) => {
  const found = await look(row, role);
  if (expected === undefined) expect(found).toEqual([]);
  else expect(found).toEqual([{ type: expected[0], message: expect.stringContaining(expected[1]) as string }]);
});
