import pg from 'pg';
import { MAJORS, type RealPostgres } from '../real-postgres.ts';
import { withEventTriggers } from '../installed-databases.ts';
import { CORPUS, type CorpusEntry } from '../ddl/corpus.ts';
import { Cluster } from './cluster.ts';
import { WindlassReplication } from './windlass-replication.ts';

const ROLES = `DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'alice') THEN
    CREATE ROLE alice LOGIN; CREATE ROLE bob; CREATE ROLE team; GRANT team TO alice;
  END IF;
END $$;`;

/** Sequences begin elsewhere on each node. */
const schemaOf = async ({ database }: Cluster, server: RealPostgres): Promise<string> =>
  (await server.schemaOf(database)).replace(/START WITH \d+(\n +INCREMENT BY)/g, '$1');

/** What is done on one of three nodes; afterwards all have the same schema, and the same rows. */
describe.each(MAJORS.map((major) => ({ major })))('DDL on nodes of $major', ({ major }) => {
  let cluster: Cluster;
  const replication = new WindlassReplication();
  /** What comes later uses what came before. */
  let broken: string | undefined;
  const sessions = new Map<string, pg.Client>();
  beforeAll(async () => {
    cluster = await Cluster.start({ majors: [major, major, major] });
    await cluster.begin();
    await cluster.everywhere(
      () =>
        `${ROLES} GRANT CREATE ON DATABASE ${cluster.database} TO alice; GRANT CREATE ON SCHEMA public TO alice, team; GRANT USAGE ON SCHEMA public TO PUBLIC`,
    );
    await replication.start(cluster);
    for (const user of ['alice', 'windlass']) {
      const client = new pg.Client({ ...cluster.connection(1), user });
      await client.connect();
      sessions.set(user, user === 'windlass' ? await withEventTriggers(client) : client);
    }
  });
  afterAll(async () => {
    for (const client of sessions.values()) await client.end();
    await replication.stop();
    await cluster.stop();
  });

  it.each(CORPUS)('$name', async ({ name, messages, by, extended }: CorpusEntry) => {
    if (broken !== undefined) throw new Error(`not tried after '${broken}' had failed`);
    broken = name;
    const session = sessions.get(by === 'superuser' ? 'windlass' : 'alice');
    for (const text of messages)
      await session?.query(extended ? ({ text, values: [], queryMode: 'extended' } as pg.QueryConfig) : text);
    await cluster.drained(12_000).catch((err: unknown) => {
      throw new Error(`${String(err)}\n${replication.describe()}`, { cause: err });
    });
    const [first, ...others] = await Promise.all(cluster.nodes.map(({ server }) => schemaOf(cluster, server)));
    for (const other of others) expect(other).toBe(first);
    broken = undefined;
  });

  it('has equal rows', async () => {
    const report = await cluster.compare({ withVersions: true });
    expect(report.equal).toBe(true);
  });
});
