import type pg from 'pg';
import { MAJORS, RealPostgres } from '../testing/real-postgres.ts';
import { until } from '../testing/until.ts';
import { compare, linesOf, type ComparedNode, type CompareOptions, type CompareReport } from './index.ts';

const HOSTILE = `CREATE SCHEMA "Dröp ""x"" '; --";
  CREATE TABLE "Dröp ""x"" '; --"."${'ß'.repeat(31)}" ("Key ""1""" text, "hash" text, "t" int[], "row" jsonb, PRIMARY KEY ("Key ""1""", "hash"));
  INSERT INTO "Dröp ""x"" '; --"."${'ß'.repeat(31)}" SELECT 'ä' || i, E'"\\\\''', ARRAY[i, NULL], '{"b": 1, "a": [2]}' FROM generate_series(1, 20) i`;
const TYPES = `CREATE TYPE mood AS ENUM ('z', 'a'); CREATE TYPE pair AS (a int, b text);
  CREATE TABLE types (id mood PRIMARY KEY, ts timestamptz DEFAULT '2020-01-01 00:00+02', i interval DEFAULT '1 mon -2 days 3h',
    f float4 DEFAULT 0.1, d float8 DEFAULT 1e-7, b bytea DEFAULT '\\x00ff', m money DEFAULT '12.50', n numeric DEFAULT 1.10,
    p pair DEFAULT '(,)', r tstzrange DEFAULT '[2020-01-01 00:00Z,)', c char(5) DEFAULT 'a', x regclass DEFAULT 'numbers'::regclass,
    g text GENERATED ALWAYS AS ('g') STORED);
  INSERT INTO types (id) VALUES ('z'), ('a')`;
const SCHEMA = `CREATE TABLE numbers (id bigint PRIMARY KEY, v text, w int);
  INSERT INTO numbers SELECT i, 'v' || i, i % 7 FROM generate_series(1, 3000) i;
  CREATE TABLE words (w text PRIMARY KEY, n int); INSERT INTO words SELECT 'w' || i, i FROM generate_series(1, 300) i;
  CREATE TABLE bag (a int, hash text); INSERT INTO bag SELECT i % 3, NULL FROM generate_series(1, 30) i;
  CREATE TABLE parts (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
  INSERT INTO parts VALUES (1, '2020-05-05'); CREATE UNLOGGED TABLE forgotten AS SELECT random() AS r;
  CREATE SCHEMA windlass; CREATE TABLE windlass.parked AS SELECT random() AS r; ${TYPES}; ${HOSTILE}`;
const SETTINGS = [
  "datestyle = 'German'",
  "timezone = 'Asia/Tokyo'",
  "intervalstyle = 'iso_8601'",
  'extra_float_digits = 0',
];

/** One database on each major, all with the same rows; of one major two. The last has settings of its own. */
describe('compare', () => {
  const servers: RealPostgres[] = [];
  let nodes: ComparedNode[];
  let clients: pg.Client[];
  const majors = MAJORS.length > 1 ? MAJORS : [...MAJORS, ...MAJORS];

  beforeAll(async () => {
    servers.push(...(await Promise.all([...new Set(majors)].map((major) => RealPostgres.start(major)))));
  });
  afterAll(() => Promise.all(servers.map((server) => server.stop())));
  beforeEach(async () => {
    const places = await Promise.all(majors.map((major, i) => prepare(serverOf(major), i + 1 === majors.length)));
    clients = places.map(({ client }) => client);
    nodes = places.map(({ connection }, i) => ({ number: i + 1, name: `n${String(i + 1)}`, connection }));
  });
  afterEach(() => Promise.all(servers.map((server) => server.endSessions())));

  function serverOf(major: number): RealPostgres {
    const server = servers.find((one) => one.major === major);
    if (!server) throw new Error('no such server');
    return server;
  }
  async function prepare(server: RealPostgres, withSettings: boolean) {
    const database = await server.database();
    const client = await server.client(database);
    if (withSettings) for (const one of SETTINGS) await client.query(`ALTER DATABASE ${database} SET ${one}`);
    await client.query(SCHEMA);
    return { client, connection: { host: '127.0.0.1', port: server.port, user: 'windlass', database } };
  }
  const last = (): pg.Client => clients.at(-1) ?? failed('no client');
  const failed = (why: string): never => {
    throw new Error(why);
  };
  const compared = (more: Partial<CompareOptions> = {}): Promise<CompareReport> =>
    compare({ nodes, marker: () => Promise.resolve(), limits: { rangeRows: 500, leafRows: 50 }, ...more });
  const lines = async (more?: Partial<CompareOptions>): Promise<readonly string[]> => linesOf(await compared(more));
  const lastNode = `n${String(majors.length)}`;

  it('finds nothing where nothing differs, whatever version, settings and order of columns', async () => {
    await last().query(
      `ALTER TABLE numbers DROP COLUMN v; ALTER TABLE numbers ADD v text; UPDATE numbers SET v = 'v' || id`,
    );
    const report = await compared();
    expect(linesOf(report)).toEqual([]);
    expect(report.tables.map(({ table, rows }) => [table, rows])).toEqual([
      [`Dröp "x" '; --.${'ß'.repeat(31)}`, 20],
      ...[
        ['public.bag', 30],
        ['public.numbers', 3000],
        ['public.parts_1', 1],
        ['public.types', 2],
        ['public.words', 300],
      ],
    ]);
    expect(report.equal).toBe(true);
  });

  it('names keys that are different, missing, or more, with their versions', async () => {
    await last().query(`UPDATE numbers SET v = NULL WHERE id = 1234; DELETE FROM numbers WHERE id = 3000;
      INSERT INTO numbers VALUES (-5, 'x', 1), (9000, 'y', 2); UPDATE words SET n = 0 WHERE w = 'w7'`);
    const report = await compared();
    const [numbers, words] = ['numbers', 'words'].map((one) =>
      report.tables.find(({ table }) => table === `public.${one}`),
    );
    expect(numbers?.differing.map(({ key }) => key[0]).sort()).toEqual(['-5', '1234', '3000', '9000']);
    expect(words?.differing.map(({ key }) => key)).toEqual([['w7']]);
    const changed = numbers?.differing.find(({ key }) => key[0] === '1234')?.values ?? [];
    expect(changed.map(({ node, version }) => [node, version?.node])).toEqual(majors.map((_, i) => [i + 1, i + 1]));
    expect(changed.at(-1)?.version?.time).toBeGreaterThan(changed[0]?.version?.time ?? Infinity);
    expect(numbers?.differing.find(({ key }) => key[0] === '9000')?.values[0]).toEqual({ node: 1, hash: null });
  });

  it('sees a node that is empty, and cuts short what would be endless', async () => {
    await clients[0]?.query('TRUNCATE numbers');
    const report = await compared({ tables: ['public.numbers'], limits: { rangeRows: 500, leafRows: 50, named: 100 } });
    expect(report.tables[0]).toMatchObject({ equal: false, more: true });
    expect(report.tables[0]?.differing.length).toBeGreaterThanOrEqual(100);
  });

  it('sees every type, and what Postgres makes of it', async () => {
    const name = `"Dröp ""x"" '; --"."${'ß'.repeat(31)}"`;
    await last().query(`UPDATE types SET p = NULL WHERE id = 'z'; UPDATE types SET n = 1.100 WHERE id = 'a';
      UPDATE ${name} SET t = '{}' WHERE "Key ""1""" = 'ä7'`);
    expect((await lines()).map((line) => line.slice(0, line.indexOf(':'))).sort()).toEqual([
      `Dröp "x" '; --.${'ß'.repeat(31)} ["ä7","\\"\\\\'"]`.replace(/:.*/, ''),
      ...['public.types ["a"]', 'public.types ["z"]'],
    ]);
  });

  it('counts equal rows of a table without a key', async () => {
    await last().query(`INSERT INTO bag VALUES (1, NULL), (7, 'new')`);
    expect([...(await lines())].sort()).toEqual([
      expect.stringMatching(`^public.bag {"a":"1","hash":null}: n1 10 times.*${lastNode} 11 times$`),
      expect.stringMatching(`^public.bag {"a":"7","hash":"new"}: n1 0 times.*${lastNode} 1 times$`),
    ]);
  });

  it('says first in what schemas differ, and compares what all have', async () => {
    await last().query(`DROP TABLE bag; ALTER TABLE words ADD extra int; ALTER TABLE numbers ALTER v SET NOT NULL;
      ALTER TABLE numbers ALTER w TYPE bigint; UPDATE numbers SET v = 'other' WHERE id = 5; DROP TABLE parts;
      CREATE TABLE parts_1 (id int, at date); UPDATE words SET extra = n`);
    const report = await compared();
    const schema = report.schema.map(({ table, column, what }) => `${table} ${column ?? ''} ${what}`);
    expect(schema).toEqual([
      ...['public.bag  missing', 'public.numbers v nullable', 'public.numbers w type', 'public.parts_1  key'],
      ...['public.parts_1 at nullable', 'public.parts_1 id nullable', 'public.words extra missing'],
    ]);
    const {
      bag,
      numbers,
      parts_1: parts,
      words,
    } = Object.fromEntries(report.tables.map((one) => [one.table.replace('public.', ''), one]));
    expect([bag?.notCompared, parts?.notCompared]).toEqual([
      'it is not on every node',
      'its key is not the same on every node',
    ]);
    expect([numbers?.differing.map(({ key }) => key), words?.equal]).toEqual([[['5']], true]);
  });

  it('does not report what is only on its way', async () => {
    await last().query(`UPDATE numbers SET v = 'new' WHERE id = 77; INSERT INTO bag VALUES (8)`);
    const marker = async (): Promise<void> => {
      for (const client of clients.slice(0, -1)) {
        await client.query(
          `UPDATE numbers SET v = 'new' WHERE id = 77; DELETE FROM bag WHERE a = 8; INSERT INTO bag VALUES (8)`,
        );
      }
    };
    expect(await lines({ marker })).toEqual([]);
  });

  it('says of a key that never rests that it does not', async () => {
    let times = 0;
    const marker = async (): Promise<void> => {
      times += 1;
      await last().query(`UPDATE numbers SET v = 'new ${String(times)}' WHERE id = 77`);
    };
    await last().query(`UPDATE numbers SET v = 'new' WHERE id = 77`);
    expect(await lines({ marker })).toEqual(['public.numbers: 1 changed every time they were looked at']);
  });

  it('tells versions apart when asked to', async () => {
    await last().query(`UPDATE numbers SET v = v WHERE id = 77`);
    const tables = ['public.numbers'];
    expect(await lines({ tables })).toEqual([]);
    const report = await compared({ tables, withVersions: true, limits: { named: 10_000 } });
    expect(report.tables[0]?.differing).toHaveLength(3000);
  });

  it('knows whose a row is: a peer of its origin, and the node a copy was made of', async () => {
    await last().query(`CREATE TABLE windlass.copied AS SELECT clock_timestamp() AS until, 9 AS node;
      UPDATE numbers SET v = 'own' WHERE id = 5; SELECT pg_replication_origin_create('windlass_n7')`);
    await last().query(`SELECT pg_replication_origin_session_setup('windlass_n7')`);
    await last().query(`UPDATE numbers SET v = 'of 7' WHERE id = 6`);
    await last().query('SELECT pg_replication_origin_session_reset()');
    await clients[0]?.query(`UPDATE numbers SET v = 'other' WHERE id = 7`);
    const report = await compared({ tables: ['public.numbers'] });
    await last().query(`SELECT pg_replication_origin_drop('windlass_n7')`);
    const whose = report.tables[0]?.differing.map(({ key, values }) => [...key, values.at(-1)?.version?.node]).sort();
    expect(whose).toEqual([
      ['5', majors.length],
      ['6', 7],
      ['7', 9],
    ]);
  });

  it('runs no function of a user', async () => {
    await last().query(`CREATE FUNCTION evil(mood) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'ran'; END$$;
      CREATE CAST (mood AS text) WITH FUNCTION evil AS ASSIGNMENT;
      CREATE FUNCTION public.format(text, mood) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'ran'; END$$;
      ALTER TABLE types ENABLE ROW LEVEL SECURITY`);
    expect(await lines()).toEqual([]);
  });

  it('ends in the middle of a statement, and the server notices', async () => {
    const cancel = new AbortController();
    const holder = await serverOf(majors.at(-1) ?? 0).client(nodes.at(-1)?.connection.database ?? '');
    await holder.query('BEGIN; LOCK TABLE numbers');
    const outcome = compared({ signal: cancel.signal }).catch(String);
    const ours = `FROM pg_stat_activity WHERE application_name = 'windlass compare' AND pid <> pg_backend_pid()`;
    const count = async (more = ''): Promise<number | null> => (await last().query(`SELECT ${ours} ${more}`)).rowCount;
    await until(async () => (await count(`AND wait_event_type = 'Lock'`)) === 1);
    cancel.abort(new Error('enough'));
    expect(await outcome).toBe('Error: enough');
    await until(async () => (await count()) === 0);
    await holder.query('COMMIT');
  });

  it('ends when it is told to, and tells how far it is', async () => {
    const told: string[] = [];
    const cancel = new AbortController();
    const onProgress: CompareOptions['onProgress'] = ({ table, rows, tablesDone, tables }) => {
      told.push(`${table} ${String(rows)} ${String(tablesDone)}/${String(tables)}`);
      if (table === 'public.numbers' && rows === 1000) cancel.abort(new Error('enough'));
    };
    await expect(compared({ onProgress, signal: cancel.signal })).rejects.toThrow('enough');
    await expect(compared({ onProgress, limits: { rangeRows: 500 } })).resolves.toMatchObject({ equal: true });
    expect(told).toContain('public.numbers 1500 2/6');
    const left = await last().query(`SELECT FROM pg_stat_activity WHERE application_name = 'windlass compare'`);
    expect(left.rowCount).toBe(0);
  });
});
