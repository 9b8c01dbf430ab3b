import { ANY_MAJOR } from '../real-postgres.ts';
import { until } from '../until.ts';
import { Cluster } from './cluster.ts';
import { WindlassReplication } from './windlass-replication.ts';

const DISK_MB = 320;
/** WAL and nothing else: appliers do not look at it. */
const FILL = `SELECT pg_logical_emit_message(false, 'load', repeat('x', 4000000))`;

/** What is kept for a peer that does not come fills the disk: a safety limit (`max_slot_wal_keep_size`) is what a database of Windlass has, and this one has not. */
describe.each(ANY_MAJOR)('the disk of a node is filled by what a slot keeps, on Postgres %i', (major) => {
  let cluster: Cluster;
  const replication = new WindlassReplication();
  beforeAll(async () => {
    cluster = await Cluster.start({ majors: [major, major], disksMb: [DISK_MB] });
    await cluster.begin();
    await replication.start(cluster);
  });
  afterAll(async () => {
    await replication.stop();
    await cluster.stop();
  });

  it('the other node goes on meanwhile; when there is room again everything that was acknowledged is on both', async () => {
    await cluster.query(1, `INSERT INTO wiped VALUES (1, 'before')`);
    await cluster.drained();
    cluster.link(2, 1).refuse();
    const kept: number[] = [];
    const fill = async (): Promise<unknown> => {
      for (let id = 10; id < 10 + DISK_MB; id += 1) {
        await cluster.query(1, `INSERT INTO wiped VALUES (${String(id)}, 'n1')`);
        kept.push(id);
        await cluster.query(1, FILL);
      }
      throw new Error('the disk did not become full');
    };
    await expect(fill()).rejects.toThrow(/No space left|terminat|the database system is|ECONNRE/);
    for (let id = 5000; id < 5050; id += 1) await cluster.query(2, `INSERT INTO wiped VALUES (${String(id)}, 'n2')`);
    await cluster.node(1).server.freeDisk();
    cluster.heal();
    await until(() => cluster.query(1, 'SELECT 1').then(() => true, () => false), 60_000); // prettier-ignore
    await cluster.query(1, `INSERT INTO wiped VALUES (4000, 'n1, again')`);
    await cluster.drained();
    const report = await cluster.compare({ withVersions: true });
    expect(report.equal).toBe(true);
    const rows = await cluster.query(2, `SELECT id FROM wiped WHERE v = 'n1'`);
    expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(kept));
    expect(kept.length).toBeGreaterThan(10);
    expect(await cluster.query(1, `SELECT count(*)::int AS rows FROM wiped WHERE v = 'n2'`)).toEqual([{ rows: 50 }]);
    expect(replication.conditions(2).filter((one) => /lost|rebuilt/.test(one))).toEqual([]);
  }, 180_000);
});
