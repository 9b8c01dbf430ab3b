import { installedDatabases } from '../testing/installed-databases.ts';
import { MAJORS } from '../testing/real-postgres.ts';
import { describeTable } from './index.ts';

describe.each(MAJORS)('a table of Postgres %i', (major) => {
  const its = installedDatabases(major);
  const described = (relation: string, schema = 'public') => describeTable(its.admin, { schema, relation });

  it('is described as the rules want it', async () => {
    await its.user
      .query(`CREATE TABLE t (v text, b int, a numeric(9,2), g int GENERATED ALWAYS AS (b) STORED, i int GENERATED ALWAYS AS IDENTITY,
      gone int, PRIMARY KEY (b, a), UNIQUE (v), UNIQUE (i, v)); ALTER TABLE t DROP COLUMN gone`);
    const table = await described('t');
    expect(table).toMatchObject({
      ...{ name: 'public.t', schema: 'public', relation: 't', kind: 'table', persistence: 'permanent' },
      ...{
        key: ['b', 'a'],
        unique: [['i', 'v'], ['v']],
        generated: ['g'],
        identity: ['i'],
        content: ['a', 'b', 'i', 'v'],
      },
      ...{
        dropped: ['gone'],
        keyKinds: ['exact', 'exact'],
        root: null,
        inTree: false,
        replicates: true,
        watched: true,
      },
    });
    expect(table?.columns.map(({ name, number, type }) => [name, number, type])).toEqual([
      ...[
        ['v', 1, 'text'],
        ['b', 2, 'integer'],
        ['a', 3, 'numeric(9,2)'],
      ],
      ...[
        ['g', 4, 'integer'],
        ['i', 5, 'integer'],
      ],
    ]);
    expect(await describeTable(its.admin, table?.oid ?? 0)).toEqual(table);
    expect(await described('none')).toBeUndefined();
    expect(await describeTable(its.admin, 1)).toBeUndefined();
  });

  it('has the key of its replica identity, and what else is unique, with what makes it odd', async () => {
    await its.user
      .query(`CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL, r int4range, EXCLUDE USING gist (r WITH &&), UNIQUE (b) DEFERRABLE);
      CREATE UNIQUE INDEX i ON t (b) INCLUDE (r); CREATE UNIQUE INDEX j ON t (b) WHERE a > 0; CREATE UNIQUE INDEX k ON t ((a + 1), b);
      CREATE UNIQUE INDEX l ON t (a, b) NULLS NOT DISTINCT; INSERT INTO t VALUES (1, 1, '[1,2)'), (2, 2, '[3,4)'); ALTER TABLE t REPLICA IDENTITY USING INDEX i`);
    await expect(its.user.query('CREATE UNIQUE INDEX CONCURRENTLY m ON t ((b IS NULL), (a > 0))')).rejects.toThrow('m');
    const table = await described('t');
    expect(table?.key).toEqual(['b']);
    const odd = table?.uniqueIndexes.map(({ name, columns, ...is }) => [
      name,
      columns,
      Object.entries(is).flatMap(([what, true_]) => (true_ === (what !== 'valid') ? [what] : [])),
    ]);
    expect(odd).toEqual([
      ['j', ['b'], ['partial']],
      ['k', ['b'], ['expressions']],
      ['l', ['a', 'b'], ['nullsNotDistinct']],
      ['m', [], ['valid', 'expressions']],
      ['t_b_key', ['b'], ['deferrable']],
      ['t_pkey', ['a'], []],
      ['t_r_excl', ['r'], ['exclusion']],
    ]);
    expect(table?.unique).toEqual([
      [expect.stringMatching(/#j$/)],
      [expect.stringMatching(/#k$/)],
      ['a', 'b'],
      ['b'],
      ['a'],
    ]);
    expect(table?.uniqueIndexes.map(({ computed }) => computed).slice(0, 3)).toEqual([
      { parts: [{ sql: '(b)', equals: '=' }], hashable: true, condition: '(a > 0)' },
      {
        parts: [
          { sql: '(((a + 1)))', equals: '=' },
          { sql: '(b)', equals: '=' },
        ],
        hashable: true,
        condition: null,
      },
      null,
    ]);
  });

  it('says how the one text of a key is made, and is refused where there is none', async () => {
    await its.admin.query('CREATE EXTENSION citext');
    await its.user
      .query(`CREATE DOMAIN d AS numeric; CREATE TYPE e AS ENUM ('a'); CREATE COLLATION c (provider = icu, locale = 'und', deterministic = false);
      CREATE TABLE t (a numeric, b numeric(5), c citext, d d, e e, f float8, g text, h int[], j uuid, k timestamptz, l bpchar,
        PRIMARY KEY (a, b, c, d, e, f, g, h, j, k, l))`);
    expect((await described('t'))?.keyKinds).toEqual(
      'numeric exact folded numeric exact float exact exact exact exact padded'.split(' '),
    );
    for (const type of ['jsonb', 'interval', 'text COLLATE c', 'numrange', 'numeric[]'])
      await expect(its.user.query(`CREATE TABLE u (a ${type} PRIMARY KEY)`)).rejects.toThrow(
        'the key of table public.u has columns whose equal values have several texts: a',
      );
  });

  it('is a partition, or is none that replicates', async () => {
    await its.user
      .query(`CREATE TABLE p (a int PRIMARY KEY) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
      CREATE UNLOGGED TABLE u (a int); CREATE VIEW v AS SELECT 1 AS a`);
    const root = await described('p');
    expect(root).toMatchObject({ kind: 'partitioned', replicates: false, watched: false });
    expect(await described('p1')).toMatchObject({ root: root?.oid, inTree: true, watched: true, key: ['a'] });
    expect(await described('u')).toMatchObject({ persistence: 'unlogged', replicates: false });
    expect(await described('v')).toMatchObject({ kind: 'other', replicates: false });
    expect(await described('heartbeat', 'windlass')).toMatchObject({ replicates: false, key: ['node'] });
  });
});
