import { repair, type CompareReport, type From, type RepairReport } from '../../compare/index.ts';
import { hasApplied } from '../../converge/index.ts';
import { ANY_MAJOR } from '../real-postgres.ts';
import { Cluster } from './cluster.ts';
import { Random } from './random.ts';
import { WindlassReplication } from './windlass-replication.ts';
import { Writer } from './writer.ts';

const TABLES = ['public.wiped'];

/** What a session commits under an origin is sent to nobody: so nodes are made different that nothing will make equal. */
const unseen = (sql: string): string => `SELECT pg_replication_origin_create('lost')
    WHERE NOT EXISTS (SELECT FROM pg_replication_origin WHERE roname = 'lost');
  SELECT pg_replication_origin_session_setup('lost'); ${sql}`;

/** On nodes that replicate, while users write to other rows and to these. */
describe.each(ANY_MAJOR)('repair of a cluster of %i', (major) => {
  let cluster: Cluster;
  let replication: WindlassReplication;
  beforeAll(async () => {
    cluster = await Cluster.start({ majors: [major, major, major], clocksOffMs: [0, 200] });
  });
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    await cluster.begin();
    replication = new WindlassReplication();
    await replication.start(cluster);
    await cluster.query(1, `INSERT INTO wiped SELECT i, 'v' FROM generate_series(1000, 1099) i`);
    await cluster.drained();
    await cluster.query(
      1,
      unseen(`DELETE FROM wiped WHERE id = 1001; UPDATE wiped SET v = 'n1 alone' WHERE id = 1002`),
    );
    await cluster.query(
      2,
      unseen(`UPDATE wiped SET v = 'n2 alone' WHERE id IN (1002, 1003); INSERT INTO wiped VALUES (2000, 'n2 alone')`),
    );
    await cluster.query(
      3,
      unseen(`DELETE FROM wiped WHERE id = 1004; UPDATE wiped SET v = 'n3 alone' WHERE id = 1005`),
    );
  });
  let writers: readonly Writer[] = [];
  afterEach(async () => {
    await Promise.allSettled(writers.map((writer) => writer.stop()));
    await replication.stop();
  });

  const keys = ({ tables }: CompareReport): readonly string[] =>
    tables.flatMap(({ differing }) => differing.flatMap(({ key }) => key)).sort();
  async function repaired(from: From): Promise<RepairReport> {
    const { tables } = await cluster.compare({ tables: TABLES });
    const applied = (node: number) => hasApplied(node, () => Infinity);
    return repair({ nodes: cluster.comparedNodes, tables, from, applied, marker: () => cluster.drained() });
  }
  const has = (node: number): Promise<readonly Record<string, unknown>[]> =>
    cluster.query(node, 'SELECT id, v FROM wiped WHERE id >= 1000 AND (id > 1099 OR id < 1006) ORDER BY id');

  it.each<[From, (readonly [number, string])[]]>([
    [
      1,
      [
        [1000, 'v'],
        [1002, 'n1 alone'],
        [1003, 'v'],
        [1004, 'v'],
        [1005, 'v'],
      ],
    ],
    [
      2,
      [
        [1000, 'v'],
        [1001, 'v'],
        [1002, 'n2 alone'],
        [1003, 'n2 alone'],
        [1004, 'v'],
        [1005, 'v'],
        [2000, 'n2 alone'],
      ],
    ],
    [
      'newest',
      [
        [1000, 'v'],
        [1002, 'n2 alone'],
        [1003, 'n2 alone'],
        [1005, 'n3 alone'],
      ],
    ],
  ])('from %s makes all nodes equal while users write', async (from, rows) => {
    writers = cluster.nodes.map(
      ({ number }) =>
        new Writer({
          connection: cluster.connection(number),
          name: `w${String(number)}`,
          random: new Random(number),
          kinds: ['plain', 'made'],
          pauseMs: 20,
        }),
    );
    expect(keys(await cluster.compare({ tables: TABLES }))).toEqual(['1001', '1002', '1003', '1004', '1005', '2000']);
    const { left } = await repaired(from);
    for (const writer of writers) await writer.stop();
    await cluster.drained();
    expect([left, keys(await cluster.compare({ withVersions: true }))]).toEqual([[], []]);
    for (const { number } of cluster.nodes) {
      expect((await has(number)).map(({ id, v }) => [id, v])).toEqual(rows);
    }
  });
});
