import type pg from 'pg';
import { installedDatabases, NODE_1 } from '../testing/installed-databases.ts';
import { forgetNode, installedIn, installNode, uninstallNode } from './index.ts';

const LEFT = `SELECT (SELECT count(*)::int FROM pg_trigger WHERE NOT tgisinternal) AS triggers,
  (SELECT count(*)::int FROM pg_event_trigger) AS events, (SELECT count(*)::int FROM pg_publication) AS publications,
  (SELECT count(*)::int FROM pg_namespace WHERE nspname ~ 'windlass|spock') AS schemas,
  (SELECT count(*)::int FROM pg_roles WHERE rolname ~ '^windlass_(?!look)') AS roles,
  (SELECT count(*)::int FROM pg_replication_slots WHERE database = current_database()) AS slots,
  (SELECT count(*)::int FROM pg_replication_origin) AS origins`;
const left = async (client: pg.Client): Promise<unknown> => (await client.query(LEFT)).rows[0];
const NOTHING = { triggers: 0, events: 0, publications: 0, schemas: 0, slots: 0, origins: 0, roles: 0 };

describe('taking a node apart', () => {
  const its = installedDatabases(17, 'CREATE TABLE public.keyed (a int PRIMARY KEY); CREATE TABLE public.old (a int)');
  const slot = (number: number): Promise<unknown> =>
    its.admin.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [`windlass_n${String(number)}`]);

  it('leaves a plain database, twice, and it can be a node again', async () => {
    await slot(2);
    await its.admin.query(`SELECT pg_replication_origin_create('windlass_n2')`);
    await its.admin.query(`SELECT pg_create_logical_replication_slot('theirs', 'pgoutput')`);
    expect(await uninstallNode(its.admin)).toEqual({ usedBy: [] });
    expect(await left(its.admin)).toMatchObject({ ...NOTHING, slots: 1 });
    expect(await installedIn(its.admin)).toEqual({ schema: 'none', isPublished: false });
    expect(await uninstallNode(its.admin)).toEqual({ usedBy: [] });
    await its.admin.query('INSERT INTO public.keyed VALUES (1); DELETE FROM public.keyed; DROP TABLE public.keyed');
    await installNode(its.admin, NODE_1);
    expect((await its.admin.query('SELECT relation FROM windlass.unwatched()')).rows).toEqual([]);
    await uninstallNode(its.admin);
  });

  it('lets a schema be on which something of a user hangs, and says what; installed again it works', async () => {
    await its.admin.query('CREATE TABLE public.t (id bigint PRIMARY KEY DEFAULT windlass.next_id())');
    const { usedBy } = await uninstallNode(its.admin);
    expect(usedBy).toEqual(['default value for column id of table t']);
    expect(await left(its.admin)).toMatchObject({ ...NOTHING, schemas: 3, roles: 3 });
    await its.admin.query('INSERT INTO public.t DEFAULT VALUES; DELETE FROM public.t');
    const remembered = `SELECT relname FROM pg_class WHERE relnamespace = 'windlass'::regnamespace AND relkind = 'r'
      AND (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM windlass.%I', relname), false, true, '')))[1]::text <> '0' ORDER BY 1`;
    expect((await its.admin.query<{ relname: string }>(remembered)).rows.map((row) => row.relname)).toEqual([
      'local',
      'setting',
    ]);
    await installNode(its.admin, { ...NODE_1, number: 7, name: 'n7' });
    await its.admin.query('INSERT INTO public.t DEFAULT VALUES; DELETE FROM public.t');
    expect((await its.admin.query('SELECT key FROM windlass.tombstone')).rowCount).toBe(1);
    await its.admin.query('DROP TABLE public.t');
    await uninstallNode(its.admin);
  });

  it('goes on wherever it was killed', async () => {
    await slot(3);
    for (let statements = 1; ; statements += 1) {
      const client = await its.server.client(its.database);
      let done = 0;
      const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      client.query = ((...args: unknown[]) => {
        if ((done += 1) > statements) throw new Error('killed');
        return query(...args);
      }) as never;
      const ended = await uninstallNode(client).then(
        () => true,
        () => false,
      );
      await client.end();
      if (ended) break;
    }
    expect(await left(its.admin)).toMatchObject(NOTHING);
  });

  it('forgets a peer whose slot is in use, and its name may come back', async () => {
    await slot(2);
    const session = await its.server.session(its.database);
    await session.startReplication(
      { slot: 'windlass_n2', publications: ['windlass'] },
      { spillDirectory: its.server.directory },
    );
    await forgetNode(its.admin, 2);
    await forgetNode(its.admin, 2);
    expect(await left(its.admin)).toMatchObject({ slots: 0 });
    await installNode(its.admin, { ...NODE_1, peers: [{ number: 4, name: 'n2' }] });
    const { rows } = await its.admin.query('SELECT number, name FROM windlass.node n ORDER BY 1');
    expect(rows).toEqual([
      { number: 1, name: 'n1' },
      { number: 2, name: 'n2 (removed, 2)' },
      { number: 3, name: 'n3' },
      { number: 4, name: 'n2' },
    ]);
  });
});
