import type pg from 'pg';
import { installedDatabases } from '../testing/installed-databases.ts';
import { beginAsCopy, dropSlotOf, makeSlots, type CopyOptions } from './index.ts';

const CLOCK = 'SELECT clock_timestamp()::text AS until';
const SLOTS = `SELECT slot_name::text AS name FROM pg_replication_slots WHERE database = current_database() ORDER BY 1`;
const copyOptions = async (source: pg.Client): Promise<CopyOptions> => ({
  ...{ number: 4, name: 'n4', source: 1 },
  peers: [1, 2, 3].map((number) => ({ number, name: `n${String(number)}` })),
  until: (await source.query<{ until: string }>(CLOCK)).rows[0]?.until ?? '',
});

describe.each([15, 17, 18])('a copy of a node of Postgres %i', (major) => {
  const its = installedDatabases(major, 'CREATE TABLE public.t (a int PRIMARY KEY)');

  it('is a node of its own: its number, whose its rows are, where it goes on, slots of all others; wherever it was killed', async () => {
    const { admin } = its;
    await admin.query(`SELECT pg_replication_origin_create('windlass_n2')`);
    await admin.query('INSERT INTO public.t VALUES (1), (2); DELETE FROM public.t WHERE a = 2');
    await admin.query(`BEGIN; INSERT INTO public.t VALUES (7); PREPARE TRANSACTION 'it''s'`);
    const copy = await its.server.copy(its.database);
    await admin.query(`ROLLBACK PREPARED 'it''s'`);
    const options = await copyOptions(admin);
    for (let statements = 1; ; statements += 1) if (await endsWithin(copy, options, statements)) break;
    const again = await beginAsCopy(copy, options);
    const { rows } =
      await copy.query(`SELECT (SELECT node FROM windlass.local) AS me, (SELECT node FROM windlass.copied) AS copied,
      (SELECT node FROM windlass.tombstone) AS deleted_by, (SELECT timeline FROM windlass.peer_timeline WHERE peer = 1) AS timeline,
      pg_replication_origin_progress('windlass_n1', false)::text AS lsn, (SELECT count(*)::int FROM pg_prepared_xacts) AS prepared`);
    expect(rows).toEqual([{ me: 4, copied: 1, deleted_by: 1, timeline: 1, lsn: again.lsn, prepared: 0 }]);
    expect((await copy.query(SLOTS)).rows).toEqual([1, 2, 3].map((n) => ({ name: `windlass_n${String(n)}` })));
  });

  it('is none without having been promoted, and where its clock is too far behind', async () => {
    const options = await copyOptions(its.admin);
    await expect(beginAsCopy(its.admin, options)).rejects.toMatchObject({ code: 'source_not_ready' });
    const copy = await its.server.copy(its.database);
    const until = '2126-01-01 00:00:00+00';
    await expect(beginAsCopy(copy, { ...options, until })).rejects.toThrow('behind that of the node');
  });

  it('slots are made once, and dropped one by one', async () => {
    await makeSlots(its.admin, [2, 3]);
    await makeSlots(its.admin, [2, 3]);
    await dropSlotOf(its.admin, 2);
    await dropSlotOf(its.admin, 2);
    expect((await its.admin.query(SLOTS)).rows).toEqual([{ name: 'windlass_n3' }]);
    await dropSlotOf(its.admin, 3);
  });
});

/** Ends the call after so many statements, as a kill would; true when it needed no more. */
async function endsWithin(copy: pg.Client, options: CopyOptions, statements: number): Promise<boolean> {
  let done = 0;
  const query = copy.query.bind(copy) as (...args: unknown[]) => Promise<unknown>;
  copy.query = ((...args: unknown[]) => {
    if ((done += 1) > statements) throw new Error('killed');
    return query(...args);
  }) as never;
  const ended = await beginAsCopy(copy, options).then(
    () => true,
    () => false,
  );
  copy.query = query as never;
  await query('ROLLBACK');
  return ended;
}
