import { watched } from '../testing/apply/node-schema.ts';
import { TestNodes } from '../testing/apply/nodes.ts';
import { MAJORS } from '../testing/real-postgres.ts';

const T = `CREATE TABLE t (id int PRIMARY KEY, v text); ${watched('t', 'id')}`;

describe.each(MAJORS)('applying to Postgres %i', (major) => {
  const nodes = new TestNodes(3);
  beforeAll(() => nodes.start(major));
  afterAll(() => nodes.stop());
  afterEach(() => nodes.end());

  /** Rows with their versions, on each node the same. */
  async function expectEqual(table: string, ...rows: readonly string[]): Promise<void> {
    for (const number of [1, 2, 3])
      expect([number, ...(await nodes.rows(number, `SELECT * FROM ${table}`))]).toEqual([number, ...rows]);
    const versions = `SELECT ctid IS NOT NULL, pg_xact_commit_timestamp(xmin), t.* FROM ${table} t`;
    const [first, ...others] = await Promise.all([1, 2, 3].map((number) => nodes.rows(number, versions)));
    for (const other of others) expect(other).toEqual(first);
  }
  const conflicts = (number: number): Promise<string[]> =>
    nodes.rows(number, 'SELECT relation, key, loser_node, winner_node, lost_to, incoming, here FROM windlass.conflict');

  it('writes what is inserted, changed and deleted, with the version it has at its sender', async () => {
    await nodes.begin(T);
    await nodes.run(1, `INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 5) i`);
    await nodes.run(
      1,
      `UPDATE t SET v = 'w' WHERE id = 2; DELETE FROM t WHERE id > 3; UPDATE t SET id = 9 WHERE id = 3`,
    );
    await nodes.run(2, `INSERT INTO t VALUES (7, NULL)`);
    await nodes.flowAll();
    await expectEqual('t', '(1,v1)', '(2,w)', '(7,)', '(9,v3)');
  });
});
