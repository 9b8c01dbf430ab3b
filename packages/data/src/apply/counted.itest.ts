import { TestNodes } from '../testing/apply/nodes.ts';
import { MAJORS } from '../testing/real-postgres.ts';

describe.each(MAJORS)('a table without a key on Postgres %i', (major) => {
  const nodes = new TestNodes(3);
  beforeAll(() => nodes.start(major));
  afterAll(() => nodes.stop());
  afterEach(() => nodes.end());

  const counts = (number: number): Promise<string[]> =>
    nodes.rows(number, 'SELECT x::text AS row, count(*) FROM log x GROUP BY 1');
  async function expectEqual(...rows: readonly string[]): Promise<void> {
    for (const number of [1, 2, 3]) expect([number, ...(await counts(number))]).toEqual([number, ...rows]);
  }

  it('has as many equal rows as everything done in the order of versions leaves, whatever is heard first', async () => {
    await nodes.begin('CREATE TABLE log (v text, n int)');
    await nodes.run(1, `INSERT INTO log VALUES ('a', 1), ('a', 1), (NULL, NULL)`);
    await nodes.flow(1, 2);
    await nodes.run(2, `DELETE FROM log WHERE ctid = (SELECT min(ctid) FROM log WHERE v = 'a')`);
    await nodes.run(2, `UPDATE log SET n = 2 WHERE v IS NULL`);
    // Node 3 hears of the delete before it hears of what is deleted.
    await nodes.flow(2, 3);
    expect(await counts(3)).toEqual(['("(,2)",1)']);
    await nodes.run(3, `INSERT INTO log VALUES ('a', 1)`);
    await nodes.flowAll();
    await nodes.flowAll();
    await expectEqual('("(,2)",1)', '("(a,1)",2)');
  });

  it('does not delete twice what two nodes have deleted once each, and deletes nothing that came later', async () => {
    await nodes.begin('CREATE TABLE log (v text)');
    await nodes.run(1, `INSERT INTO log VALUES ('a')`);
    await nodes.flowAll();
    for (const number of [1, 2]) await nodes.run(number, 'DELETE FROM log');
    await nodes.run(3, `INSERT INTO log VALUES ('a')`);
    await nodes.flowAll();
    await expectEqual('("(a)",1)');
  });

  it('is emptied of what is older than the TRUNCATE, and keeps what is newer', async () => {
    await nodes.begin('CREATE TABLE log (v text)');
    await nodes.run(1, `INSERT INTO log SELECT 'a' FROM generate_series(1, 3)`);
    await nodes.flowAll();
    await nodes.run(2, `INSERT INTO log VALUES ('late'), ('a')`);
    await nodes.run(
      1,
      `BEGIN; INSERT INTO log VALUES ('before'); TRUNCATE log; INSERT INTO log VALUES ('b'), ('b'); COMMIT`,
    );
    await nodes.run(3, `INSERT INTO log VALUES ('a'), ('a')`);
    await nodes.flowAll();
    await expectEqual('("(a)",2)', '("(b)",2)');
  });

  it('counts a transaction once though it is sent again, and many rows at a time', async () => {
    await nodes.begin(
      `CREATE TABLE log (v text, a int[], j jsonb, g int GENERATED ALWAYS AS (length(v)) STORED); CREATE TABLE nothing ()`,
    );
    await nodes.run(
      1,
      `INSERT INTO log SELECT 'v' || i % 1200, '{1,NULL}', '{"a": 1}' FROM generate_series(1, 2400) i`,
    );
    await nodes.run(
      1,
      `UPDATE log SET v = 'x' WHERE v < 'v2'; DELETE FROM log WHERE v > 'v5'; INSERT INTO nothing DEFAULT VALUES`,
    );
    await nodes.flow(1, 2);
    await nodes.beginAgain(1, 2);
    await nodes.run(1, 'DELETE FROM nothing');
    await nodes.flow(1, 2);
    await nodes.flow(1, 3);
    const [one, two, three] = await Promise.all([1, 2, 3].map(counts));
    expect(one?.length).toBeGreaterThan(2);
    expect([two, three]).toEqual([one, one]);
    for (const number of [1, 2, 3]) expect(await nodes.rows(number, 'SELECT count(*) FROM nothing')).toEqual(['(0)']);
  });

  it('runs code of users with the rights of its owner', async () => {
    await nodes.asSuperuser(`DO $$ BEGIN CREATE ROLE alice; EXCEPTION WHEN duplicate_object THEN NULL; END $$`);
    await nodes.begin(`CREATE TABLE ran (who text); GRANT INSERT ON ran TO PUBLIC; GRANT CREATE ON SCHEMA public TO alice;
      SET SESSION AUTHORIZATION alice; CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.ran VALUES (current_user); RETURN NEW; END $$;
      CREATE TABLE log (v text); CREATE TRIGGER t BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION told(); RESET SESSION AUTHORIZATION`);
    await nodes.run(2, 'ALTER TABLE log ENABLE ALWAYS TRIGGER t');
    await nodes.run(1, `INSERT INTO log VALUES ('a'), ('b'); DELETE FROM log WHERE v = 'a'; TRUNCATE ran`);
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, 'SELECT DISTINCT who FROM ran')).toEqual(['(alice)']);
    expect(await counts(2)).toEqual(['("(b)",1)']);
  });

  it('stops the stream where the sender has a key', async () => {
    await nodes.begin('CREATE TABLE log (id int PRIMARY KEY)');
    await nodes.run(2, 'ALTER TABLE log DROP CONSTRAINT log_pkey');
    await nodes.run(1, 'INSERT INTO log VALUES (1)');
    await nodes.flow(1, 2);
    await nodes.run(1, 'DELETE FROM log');
    await expect(nodes.flow(1, 2)).rejects.toThrow('public.log has no key here and is sent without its old rows');
  });
});
