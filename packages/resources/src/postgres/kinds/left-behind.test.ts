import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { leftBehind } from '../inside/left-behind.ts';

const slot = { type: 'logical', database: 'shop', active: true, walStatus: 'reserved', held: '0', synced: false };
const primary = { scope: 'shop:n1', instanceId: 'a', address: '192.0.2.1' };

/** A Postgres with these slots, and databases with so many unlogged tables. */
function look(slots: object[], databases: Record<string, number | Error>) {
  const answer = (database: string, text: string): object[] => {
    if (text.includes('pg_replication_slots')) return slots.map((one) => ({ ...slot, ...one }));
    if (text.includes('pg_database')) return Object.keys(databases).map((name) => ({ name }));
    const count = databases[database];
    if (count instanceof Error) throw count;
    return [{ count: count ?? 0 }];
  };
  const session = (
    { database }: { database: string },
    work: (s: { query: (text: string) => Promise<object[]> }) => Promise<unknown>,
  ) => work({ query: (text) => Promise.resolve().then(() => answer(database, text)) });
  return leftBehind({ postgres: { session } } as unknown as Clients, primary, new AbortController().signal);
}

test('slots and unlogged tables are named, of members nothing is', async () => {
  const slots = [
    { name: 'cdc', failover: false },
    { name: 'copied', failover: true },
    { name: 'shop_n1_abcdefgh', type: 'physical', failover: false },
  ];
  expect(await look(slots, { shop: 2, empty: 0, one: 1 })).toEqual([
    "slot 'cdc' (logical, of database 'shop') stays at 'a' when another member becomes the primary: its reader has to begin anew there",
    "slot 'copied' (logical, of database 'shop') goes on at another primary than 'a' only where that has synchronized it",
    "2 unlogged tables of database 'shop' will be empty at another primary than 'a': unlogged is not replicated",
    "an unlogged table of database 'one' will be empty at another primary than 'a': unlogged is not replicated",
  ]);
});

test('what cannot be looked at holds nothing up, and is said', async () => {
  const shut = new DomainError('postgres_rejected', 'nobody may connect');
  expect(await look([], { shop: shut })).toEqual([
    "what stays at 'a' when another member becomes the primary could not be looked at: nobody may connect",
  ]);
});
