import type pg from 'pg';
import { MAJORS, RealPostgres } from '../../testing/real-postgres.ts';
import { assembleAll, outline, readRecording, writeRecording } from '../../testing/recordings.ts';

/** Every kind of message there is. What is big is sent before its commit. */
const STATEMENTS = [
  `CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (id int PRIMARY KEY, v text, m mood);
    CREATE TABLE f (v text); ALTER TABLE f REPLICA IDENTITY FULL; ALTER TABLE t ALTER v SET STORAGE EXTERNAL`,
  `BEGIN; INSERT INTO t VALUES (1, 'ünï', 'ok'), (2, NULL, NULL), (3, repeat('x', 3000), 'ok');
    UPDATE t SET id = 4 WHERE id = 1; UPDATE t SET m = NULL WHERE id = 3; DELETE FROM t WHERE id = 2;
    SELECT pg_logical_emit_message(true, 'in', 'side'); COMMIT`,
  `SELECT pg_logical_emit_message(false, 'out', 'side')`,
  `BEGIN; INSERT INTO f VALUES ('a'); UPDATE f SET v = 'b'; DELETE FROM f; COMMIT`,
  `TRUNCATE t, f RESTART IDENTITY CASCADE`,
  `SELECT pg_replication_origin_create('elsewhere'); SELECT pg_replication_origin_session_setup('elsewhere')`,
  `BEGIN; INSERT INTO t VALUES (5); SELECT pg_replication_origin_xact_setup('16/B374D848', '2026-11-26 10:00Z'); COMMIT`,
  `SELECT pg_replication_origin_session_reset()`,
  `BEGIN; INSERT INTO t SELECT n, repeat('y', 200) FROM generate_series(1000, 1500) n; SAVEPOINT a;
    INSERT INTO t SELECT n, repeat('z', 200) FROM generate_series(2000, 2500) n; ROLLBACK TO a;
    INSERT INTO t VALUES (6, 'last'); COMMIT`,
  `BEGIN; INSERT INTO t SELECT n, repeat('y', 200) FROM generate_series(3000, 3500) n; ROLLBACK`,
  `BEGIN; INSERT INTO t VALUES (7); PREPARE TRANSACTION 'small'`,
  `COMMIT PREPARED 'small'`,
  `BEGIN; INSERT INTO t VALUES (8); PREPARE TRANSACTION 'undone'`,
  `ROLLBACK PREPARED 'undone'`,
  `BEGIN; INSERT INTO t SELECT n, repeat('y', 200) FROM generate_series(4000, 4500) n; PREPARE TRANSACTION 'big'`,
  `COMMIT PREPARED 'big'`,
];

/** A new recording is written with WINDLASS_RECORD=1; else what the server sends must be what it sent then. */
describe.each(MAJORS)('what Postgres %i sends', (major) => {
  let server: RealPostgres;
  let client: pg.Client;
  const versions = [1, 2, 3, 4].filter((version) => version < 4 || major >= 16);

  beforeAll(async () => {
    server = await RealPostgres.start(major);
    client = await server.client(await server.database());
    await client.query('CREATE PUBLICATION p FOR ALL TABLES');
    for (const version of versions)
      await client.query(
        `SELECT pg_create_logical_replication_slot('v${String(version)}', 'pgoutput', false, ${String(version >= 3)})`,
      );
    for (const statement of STATEMENTS) await client.query(statement);
  });
  afterAll(() => server.stop());

  it.each(versions)('is what was recorded of it in version %i', async (version) => {
    const streaming = ['', '', 'on', 'on', 'parallel'][version] ?? '';
    const options = [
      ['proto_version', String(version)],
      ['publication_names', 'p'],
      ['messages', 'true'],
    ];
    if (streaming) options.push(['streaming', streaming]);
    const list = options
      .flat()
      .map((text) => `'${text}'`)
      .join(', ');
    const { rows } = await client.query<{ data: Buffer }>(
      `SELECT data FROM pg_logical_slot_peek_binary_changes('v${String(version)}', NULL, NULL, ${list})`,
    );
    const messages = rows.map(({ data }) => data);
    const name = `${String(major)}-v${String(version)}`;
    if (process.env['WINDLASS_RECORD']) writeRecording(name, messages);
    expect(outline(await assembleAll(messages))).toEqual(outline(await assembleAll(readRecording(name))));
  });
});
