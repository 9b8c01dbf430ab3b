import { generate } from 'selfsigned';
import { MAJORS, RealPostgres } from '../../testing/real-postgres.ts';
import type { ReplicationSession } from './index.ts';

const NOBODY = 1;
const failed = (reason: string): object => ({ code: 'connection_failed', details: { reason } });

describe.each(MAJORS)('a session with Postgres %i', (major) => {
  let server: RealPostgres;
  let database: string;
  let caPem: string;

  beforeAll(async () => {
    const altNames = [{ type: 7 as const, ip: '127.0.0.1' }];
    const { cert, private: keyPem } = await generate([], { extensions: [{ name: 'subjectAltName', altNames }] });
    caPem = cert;
    server = await RealPostgres.start(major, { tls: { certPem: cert, keyPem } });
    database = await server.database();
    const client = await server.client(database);
    await client.query(`CREATE ROLE with_password LOGIN REPLICATION PASSWORD 'it''s "secret"';
      CREATE ROLE only_tls LOGIN REPLICATION PASSWORD 'secret'; CREATE ROLE no_right LOGIN`);
    await client.query(`CREATE PUBLICATION p FOR ALL TABLES`);
  });
  afterAll(() => server.stop());

  it('identifies the system', async () => {
    const session = await server.session(database);
    const { systemId, timeline, xlogpos } = await session.identifySystem();
    expect(systemId).toMatch(/^\d{15,}$/);
    expect([timeline, xlogpos > 0n, session.major]).toEqual([1, true, major]);
  });

  it('proves itself with a password, given or asked for', async () => {
    const user = { user: 'with_password' };
    await server.session(database, { ...user, password: `it's "secret"` });
    await server.session(database, { ...user, password: () => Promise.resolve(`it's "secret"`) });
    await expect(server.session(database, { ...user, password: 'wrong' })).rejects.toMatchObject(failed('auth'));
    await expect(server.session(database, user)).rejects.toMatchObject(failed('auth'));
  });

  it('speaks TLS, and with no server it cannot trust', async () => {
    const user = { user: 'only_tls', password: 'secret' };
    const session = await server.session(database, { ...user, ssl: { ca: caPem } });
    await session.createSlot({ name: 'over_tls', temporary: true });
    const stream = await session.startReplication(
      { slot: 'over_tls', publications: ['p'] },
      { spillDirectory: server.directory },
    );
    await stream.close();
    await expect(server.session(database, { ...user, ssl: true })).rejects.toMatchObject(failed('tls'));
    await expect(server.session(database, user)).rejects.toMatchObject(failed('auth'));
  });

  it('says why it cannot begin', async () => {
    await expect(server.session(database, { user: 'no_right' })).rejects.toMatchObject({ code: 'source_not_ready' });
    await expect(server.session('no_such')).rejects.toMatchObject({ code: 'source_not_ready' });
    await expect(server.session(database, { port: NOBODY })).rejects.toMatchObject(failed('refused'));
    await expect(server.session(database, { host: 'no-such.invalid' })).rejects.toMatchObject(failed('dns'));
    const gone = { host: '192.0.2.1', connectTimeoutMs: 100 };
    await expect(server.session(database, gone)).rejects.toMatchObject({ code: 'connection_failed' });
    const signal = AbortSignal.abort();
    await expect(server.session(database, { signal })).rejects.toMatchObject({ code: 'connection_failed' });
  });

  it('makes, changes and drops slots', async () => {
    const session = await server.session(database);
    const made = await session.createSlot({ name: 'made', snapshot: 'export', twoPhase: true });
    expect(made).toMatchObject({ name: 'made', snapshotName: expect.stringMatching(/^\w+-\w+-\d+$/) });
    expect(made.consistentPoint).toBeGreaterThan(0n);
    await expect(session.createSlot({ name: 'made' })).rejects.toMatchObject({ code: 'resource_not_owned' });
    const failover = { name: 'kept', failover: true };
    if (major < 17)
      await expect(session.createSlot(failover)).rejects.toMatchObject({ code: 'operation_not_supported' });
    else await changeSlot(session, failover);
    await session.dropSlot('made');
    await expect(session.dropSlot('made')).rejects.toMatchObject({ code: 'slot_lost' });
  });

  async function changeSlot(session: ReplicationSession, slot: { name: string; failover: boolean }) {
    const client = await server.client(database);
    const state = async (): Promise<unknown> =>
      (await client.query(`SELECT failover, two_phase FROM pg_replication_slots WHERE slot_name = 'kept'`)).rows[0];
    await session.createSlot(slot);
    expect(await state()).toEqual({ failover: true, two_phase: false });
    const changes = major < 18 ? { failover: false } : { failover: false, twoPhase: true };
    await session.alterSlot('kept', changes);
    expect(await state()).toEqual({ failover: false, two_phase: major >= 18 });
    await session.dropSlot('kept', { wait: true });
  }

  it('has a slot to itself', async () => {
    const [first, second] = [await server.session(database), await server.session(database)];
    await first.createSlot({ name: 'shared' });
    const start = { slot: 'shared', publications: ['p'] };
    const limits = { spillDirectory: server.directory };
    const stream = await first.startReplication(start, limits);
    await expect(second.startReplication(start, limits)).rejects.toMatchObject({ code: 'slot_in_use' });
    await stream.close();
    const third = await server.session(database);
    await expect(third.startReplication({ ...start, slot: 'gone' }, limits)).rejects.toMatchObject({
      code: 'slot_lost',
    });
  });

  it('says in its stream that there is no such publication', async () => {
    const session = await server.session(database);
    await session.createSlot({ name: 'unpublished' });
    const client = await server.client(database);
    await client.query('CREATE TABLE unpublished (id int PRIMARY KEY); INSERT INTO unpublished VALUES (1)');
    const start = { slot: 'unpublished', publications: ['no such'] };
    const stream = await session.startReplication(start, { spillDirectory: server.directory });
    // 18 passes over it with a warning, which only its log has.
    if (major < 18)
      await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'source_not_ready' });
    await stream.close();
  });
});
