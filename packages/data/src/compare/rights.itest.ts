import { installedDatabases } from '../testing/installed-databases.ts';
import { NodeSession } from './node-session.ts';

describe('code of users, when tables are compared and repaired', () => {
  const its = installedDatabases(17);
  const table = { schema: 'public', name: 't' };

  it('runs with the rights of the owner of its table, and is in nobody’s way', async () => {
    // Who ran it is told by a lock, which outlives what is rolled back.
    await its.user
      .query(`CREATE SCHEMA evil; CREATE FUNCTION evil.told() RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_advisory_lock(4711, quote_ident(current_user)::regrole::oid::int); PERFORM set_config('array_nulls', 'off', false); RETURN 1; END $$;
      CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'); CREATE INDEX ON t ((evil.told() + 1)); SELECT pg_advisory_unlock_all()`);
    const connection = { host: '127.0.0.1', port: its.server.port, user: 'windlass', database: its.database };
    const session = await NodeSession.open({ number: 1, name: 'n1', connection });
    await session.beginWriting();
    expect(await session.rowsOf(table, 'SELECT id, v FROM ONLY public.t t WHERE id = $1', [1])).toEqual([
      { id: 1, v: 'a' },
    ]);
    expect(await session.change(table, `UPDATE public.t SET v = $1 RETURNING 1`, ['b'])).toBe(1);
    const { rows } = await its.admin.query(
      `SELECT DISTINCT objid::regrole::text AS who FROM pg_locks WHERE locktype = 'advisory' AND classid = 4711`,
    );
    expect(rows).toEqual([{ who: 'alice' }]);
    expect(await session.rows('SHOW array_nulls')).toEqual([{ array_nulls: 'on' }]);
    expect(await session.rows('SHOW session_replication_role')).toEqual([{ session_replication_role: 'replica' }]);
    expect((await its.admin.query('SELECT v FROM t')).rows).toEqual([{ v: 'b' }]);
    await session.close();
  });
});
