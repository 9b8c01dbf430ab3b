import { MAJORS } from '../real-postgres.ts';
import { Cluster } from './cluster.ts';
import { FORGETFUL } from './prepared.ts';
import { NativeReplication, NO_REPLICATION } from './replication.ts';
import { seededRun } from './seeded-run.ts';
import { WindlassReplication } from './windlass-replication.ts';

const rows = async (cluster: Cluster, node: number, sql: string): Promise<unknown> =>
  (await cluster.query(node, sql))[0];

/** The check is worth something only when it says no. */
describe('the test of a cluster', () => {
  const major = MAJORS.includes(17) ? 17 : (MAJORS.at(-1) ?? 17);
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start({ majors: [major, major], clocksOffMs: [0, 5000] });
  });
  afterAll(() => cluster.stop());

  it('fails where nothing replicates: the markers do not come', async () => {
    const run = seededRun({ cluster, replication: NO_REPLICATION, seed: 1, ms: 500, withFaults: false, drainMs: 300 });
    await expect(run).rejects.toThrow(/seed 1 on .*n1 has not received 1\/n2/s);
  });

  it('finds every kind of load different where only markers go through', async () => {
    const markers = { ...NO_REPLICATION, start: onlyMarkers };
    const { report, story, committed } = await seededRun({
      cluster,
      replication: markers,
      seed: 2,
      ms: 1500,
      withFaults: false,
    });
    expect(committed).toBeGreaterThan(100);
    const equal = report.tables.filter((one) => one.equal).map(({ table }) => table);
    expect(equal).toEqual([]);
    expect(story).toMatch(/public.plain \["\d+"\]: n1 .* of \d{16}\/n\d, n2 /);
  });

  async function onlyMarkers(): Promise<void> {
    await cluster.everywhere(
      () => `CREATE FUNCTION all_markers() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
      INSERT INTO marker VALUES (replace(NEW.id, '/n1', '/n2')), (replace(NEW.id, '/n2', '/n1')) ON CONFLICT DO NOTHING; RETURN NULL; END$$;
      CREATE TRIGGER all_markers AFTER INSERT ON marker FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION all_markers()`,
    );
  }

  /** n2 deletes what n1 has updated before; n2 hears of the update later. */
  it.each([
    ['different', 'users delete without a tombstone', FORGETFUL, ['5']],
    ['equal', 'they leave one', '', []],
  ])('finds nodes %s where %s', async (_, __, before, differing) => {
    await cluster.begin();
    const replication = new WindlassReplication();
    await replication.start(cluster);
    await cluster.query(1, `INSERT INTO plain (id) VALUES (5), (6)`);
    await cluster.drained();
    cluster.link(2, 1).refuse();
    await cluster.query(1, `UPDATE plain SET v = 'older' WHERE id = 5`);
    await cluster.query(2, `${before} DELETE FROM plain WHERE id = 5`);
    cluster.heal();
    await cluster.drained();
    const { tables } = await cluster.compare({ withVersions: true });
    await replication.stop();
    expect(tables.flatMap((one) => one.differing.flatMap(({ key }) => key))).toEqual(differing);
  });

  it('has clocks that are off', async () => {
    await cluster.begin();
    const sql = 'SELECT extract(epoch FROM clock_timestamp())::float8 AS now';
    const [one, two] = (await Promise.all([1, 2].map((node) => rows(cluster, node, sql)))) as { now: number }[];
    expect((two?.now ?? 0) - (one?.now ?? 0)).toBeGreaterThan(4);
  });

  it('kills a postmaster and has its data again', async () => {
    await cluster.begin();
    await cluster.query(1, `INSERT INTO wiped VALUES (1, 'kept')`);
    await cluster.node(1).server.kill();
    await expect(cluster.query(1, 'SELECT 1')).rejects.toThrow();
    await cluster.node(1).server.rise();
    expect(await rows(cluster, 1, 'SELECT v FROM wiped')).toEqual({ v: 'kept' });
  });

  if (major >= 16) {
    it('finds subscriptions of Postgres equal in the plain case, and different after a conflict', async () => {
      const replication = new NativeReplication();
      await cluster.begin();
      await replication.start(cluster);
      await cluster.query(1, `INSERT INTO wiped SELECT i, 'n1' FROM generate_series(1, 2000) i`);
      await cluster.query(2, `INSERT INTO wiped SELECT i, 'n2' FROM generate_series(2001, 4000) i`);
      await cluster.drained();
      expect((await cluster.compare()).equal).toBe(true);
      await replication.pause();
      await Promise.all(
        [1, 2].map((node) => cluster.query(node, `UPDATE wiped SET v = 'n${String(node)} again' WHERE id = 7`)),
      );
      await replication.resume();
      await cluster.drained();
      const report = await cluster.compare();
      await replication.stop();
      expect(report.tables.flatMap(({ table, differing }) => differing.map(({ key }) => [table, ...key]))).toEqual([
        ['public.wiped', '7'],
      ]);
    });
  }
});
