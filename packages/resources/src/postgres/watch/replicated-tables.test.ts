import type { PostgresSession } from '../clients/ports.ts';
import type { Watched } from './check.ts';
import { createReplicatedTables } from './replicated-tables.ts';

type Row = { readonly name: string; readonly what: 'keyless' | 'unlogged' };

function at(rows: Row[], more: Partial<Watched> = {}): Watched & { readonly asked: string[] } {
  const asked: string[] = [];
  const session = { query: () => Promise.resolve(rows) } as unknown as PostgresSession;
  const watched: Partial<Watched> = {
    ...{ nodeName: 'n1', declared: { database: 'shop', extensions: [] }, peerSlots: ['windlass_n2'], ...more },
    askIn: (database, work) => (asked.push(database), work(session)),
  };
  return Object.assign(watched as Watched, { asked });
}
const keyless = (name: string): Row => ({ name, what: 'keyless' });

test('tables without a key, and those that do not replicate, are named with what to do', async () => {
  const found = await createReplicatedTables().look(
    at([keyless('public.log'), { name: 'public.u', what: 'unlogged' }]),
  );
  expect(found).toEqual([
    { type: 'table_without_key', message: `public.log: no primary key at node 'n1': add one` },
    {
      type: 'table_not_replicated',
      message: `public.u: unlogged at node 'n1', so its rows stay there: ALTER TABLE … SET LOGGED`,
    },
  ]);
});

test('of many five are named', async () => {
  const [found] = await createReplicatedTables().look(at(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(keyless)));
  expect(found?.message).toContain('a, b, c, d, e and 2 more');
});

test('a database with one node is not asked', async () => {
  const one = at([keyless('a')], { peerSlots: [] });
  expect([await createReplicatedTables().look(one), one.asked]).toEqual([[], []]);
});

test('it is entered once a minute, and at every turn while something was found', async () => {
  let time = 0;
  const { look } = createReplicatedTables(() => time);
  const rows: Row[] = [keyless('a')];
  const one = at(rows);
  await look(one);
  await look(one);
  rows.pop();
  await look(one);
  await look(one);
  expect(one.asked.length).toBe(3);
  time += 60_000;
  await look(one);
  expect(one.asked.length).toBe(4);
});
