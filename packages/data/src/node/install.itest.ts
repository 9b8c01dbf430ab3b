import pg from 'pg';
import { type RealPostgres, itAlike, MAJORS } from '../testing/real-postgres.ts';
import { installedDatabases, NODE_1, userOf } from '../testing/installed-databases.ts';
import { forget, installedIn, installNode, settle } from './index.ts';

describe.each(MAJORS)('installing on Postgres %i', (major) => {
  const its = installedDatabases(
    major,
    'CREATE TABLE public.old (a int); CREATE TABLE public.keyed (a int PRIMARY KEY)',
  );

  it('prepares the tables that are there, then publishes, and says who is who', async () => {
    const { rows } = await its.admin
      .query(`SELECT relreplident AS as, (SELECT count(*)::int FROM pg_trigger WHERE tgrelid = c.oid) AS triggers
      FROM pg_class c WHERE relname IN ('old', 'keyed') ORDER BY relname DESC`);
    expect(rows).toEqual([
      { as: 'f', triggers: 4 },
      { as: 'd', triggers: 3 },
    ]);
    const published = await its.admin.query(`SELECT puballtables FROM pg_publication WHERE pubname = 'windlass'`);
    expect(published.rows).toEqual([{ puballtables: true }]);
    const nodes = await its.admin.query('SELECT n.number, n.origin FROM windlass.node n ORDER BY 1');
    expect(nodes.rows).toEqual([1, 2, 3].map((number) => ({ number, origin: `windlass_n${String(number)}` })));
    const origins = await its.admin.query('SELECT roname AS name FROM pg_replication_origin');
    expect(origins.rows).toEqual([{ name: 'windlass_n1' }]);
  });

  it('changes nothing when it is there already, and makes again what is of another version', async () => {
    const made = async (): Promise<unknown> =>
      (
        await its.admin
          .query(`SELECT sum(xmin::text::bigint)::text AS sum FROM (SELECT xmin FROM pg_proc UNION ALL SELECT xmin FROM pg_trigger
        UNION ALL SELECT xmin FROM pg_class) x`)
      ).rows;
    const before = await made();
    await installNode(its.admin, NODE_1);
    expect(await made()).toEqual(before);
    expect(await installedIn(its.admin)).toEqual({ schema: 'current', isPublished: true, node: 1 });
    await its.admin.query(`UPDATE windlass.version SET digest = 'other'; DROP FUNCTION windlass.fold`);
    expect(await installedIn(its.admin)).toEqual({ schema: 'other', isPublished: true, node: 1 });
    await installNode(its.admin, NODE_1);
    expect(await installedIn(its.admin)).toEqual({ schema: 'current', isPublished: true, node: 1 });
    expect((await its.admin.query('SELECT windlass.fold(NULL, 1)')).rowCount).toBe(1);
    await its.user.query('CREATE TABLE t (a int); INSERT INTO t VALUES (1)');
    await its.admin.query('UPDATE windlass.version SET version = 1000');
    await expect(installNode(its.admin, NODE_1)).rejects.toMatchObject({ code: 'operation_not_supported' });
  });

  itAlike(major, 'goes on wherever it was killed', async () => {
    for (let statements = 1; ; statements += 1) {
      const database = await its.server.database();
      const client = await its.server.client(database);
      await client.query('CREATE TABLE public.a (a int); CREATE TABLE public.b (a int PRIMARY KEY)');
      if (await installUntil(client, statements)) break;
      await client.end();
      const again = await its.server.client(database);
      await installNode(again, NODE_1);
      const { rows } = await again.query(`SELECT (SELECT count(*)::int FROM windlass.unwatched()) AS unwatched,
        (SELECT count(*)::int FROM pg_publication) AS publications, (SELECT node FROM windlass.local) AS node`);
      expect(rows).toEqual([{ unwatched: 0, publications: 1, node: 1 }]);
      await again.end();
    }
  });

  it('refuses to be another node than it was, but for a copy', async () => {
    const other = { number: 4, name: 'n4', peers: [] };
    await expect(installNode(its.admin, other)).rejects.toMatchObject({ code: 'resource_not_owned' });
    await its.user.query('CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1); DELETE FROM t');
    await installNode(its.admin, { ...other, copyOf: { node: 1, until: '2026-01-01 00:00:00+00' } });
    expect((await its.admin.query('SELECT node FROM windlass.tombstone')).rows).toEqual([{ node: 1 }]);
    expect((await its.admin.query('SELECT node FROM windlass.copied')).rows).toEqual([{ node: 1 }]);
    await installNode(its.admin, { ...other, copyOf: { node: 1, until: '2026-01-01 00:00:00+00' } });
  });

  it('knows a node that has the name of a former one, which keeps its number', async () => {
    await installNode(its.admin, { ...NODE_1, peers: [{ number: 4, name: 'n2' }] });
    const { rows } = await its.admin.query('SELECT number, name FROM windlass.node ORDER BY 1');
    expect(rows).toEqual([
      { number: 1, name: 'n1' },
      { number: 2, name: 'n2 (removed, 2)' },
      { number: 3, name: 'n3' },
      { number: 4, name: 'n2' },
    ]);
  });

  it('waits for whoever was making tables before', async () => {
    const database = await its.server.database();
    const admin = await its.server.client(database);
    await admin.query(`GRANT CREATE ON SCHEMA public TO alice`);
    const early = await userOf(its.server, database);
    await early.query('BEGIN; CREATE TABLE early (a int)');
    const patience = { lockMs: 50, totalMs: 300 };
    await expect(installNode(admin, { ...NODE_1, patience })).rejects.toMatchObject({ code: 'resource_contended' });
    const installed = installNode(admin, NODE_1);
    await early.query('INSERT INTO early VALUES (1); UPDATE early SET a = 2; COMMIT');
    await installed;
    await early.query('UPDATE early SET a = 3');
  });

  it('lets users go first, and names the tables that are in use', async () => {
    const database = await its.server.database();
    const admin = await its.server.client(database);
    await admin.query('CREATE TABLE public.busy (a int)');
    const reader = await its.server.client(database);
    await reader.query('BEGIN; SELECT FROM public.busy');
    const patience = { lockMs: 50, totalMs: 300 };
    await expect(installNode(admin, { ...NODE_1, patience })).rejects.toThrow('public.busy');
    expect((await admin.query('SELECT FROM pg_publication')).rowCount).toBe(0);
  });

  it('does not take what a user has put in its place', async () => {
    const database = await its.server.database();
    const admin = await its.server.client(database);
    await admin.query(`GRANT CREATE ON DATABASE ${database} TO alice`);
    const user = await userOf(its.server, database);
    await user.query('CREATE SCHEMA windlass');
    await expect(installNode(admin, NODE_1)).rejects.toMatchObject({ code: 'resource_not_owned' });
    await user.query('DROP SCHEMA windlass; CREATE PUBLICATION windlass');
    await expect(installNode(admin, NODE_1)).rejects.toMatchObject({ code: 'resource_not_owned' });
  });

  it('is completed by its replicator, which is no superuser, when a superuser has installed it', async () => {
    const { admin, server, database } = its;
    await admin.query('ALTER ROLE windlass_replicator LOGIN');
    const config = { host: '127.0.0.1', port: server.port, user: 'windlass_replicator', database };
    const replicator = new pg.Client({ ...config, options: '-c session_replication_role=replica' });
    await replicator.connect();
    await admin.query('CREATE TABLE late (id int)');
    await installNode(replicator, { ...NODE_1, peers: [...NODE_1.peers, { number: 4, name: 'n4' }] });
    const { rows } = await admin.query(`SELECT c.relreplident AS identity FROM pg_class c WHERE c.relname = 'late'`);
    expect(rows).toEqual([{ identity: 'f' }]);
    await settle(replicator);
    await forget(replicator, Date.now() * 1000);
    await admin.query(`UPDATE windlass.version SET digest = 'older'`);
    await expect(installNode(replicator, NODE_1)).rejects.toMatchObject({ code: 'source_not_ready' });
    await replicator.end();
  });
});

/** The session is gone after so many statements. True: it was not needed. */
async function installUntil(client: Awaited<ReturnType<RealPostgres['client']>>, statements: number): Promise<boolean> {
  let left = statements;
  const killed = new Proxy(client, {
    get: (target, name) => {
      if (name !== 'query') return Reflect.get(target, name) as unknown;
      return async (text: string, values?: unknown[]) => {
        if (left === 0) throw new Error('killed');
        left -= 1;
        return target.query(text, values);
      };
    },
  });
  try {
    await installNode(killed, NODE_1);
    return true;
  } catch {
    return false;
  }
}
