import { untilMark, readUntil } from '../../testing/collect.ts';
import { publishedDatabases } from '../../testing/published-databases.ts';
import { itAlike, MAJORS, RealPostgres } from '../../testing/real-postgres.ts';
import { until } from '../../testing/until.ts';
import { positionOf, type ReplicationStream, type SourceEvent, type StreamLimits } from './index.ts';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const eventually = (isTrue: () => boolean | Promise<boolean>): Promise<void> => until(isTrue, 20_000);

describe.each(MAJORS)('a stream of Postgres %i', (major) => {
  const its = publishedDatabases(major, 'CREATE TABLE t (id int PRIMARY KEY, v text)');
  const slot = (): string => `of_${its.database}`;

  beforeEach(async () => {
    await (await its.server.session(its.database)).createSlot({ name: slot() });
  });

  async function open(limits: Partial<StreamLimits> = {}, walSenderTimeoutMs = 60_000): Promise<ReplicationStream> {
    const session = await its.server.session(its.database, { walSenderTimeoutMs });
    const start = { slot: slot(), publications: ['p'], messages: true };
    return session.startReplication(start, { spillDirectory: its.server.directory, statusIntervalMs: 100, ...limits });
  }
  async function one<T>(text: string): Promise<T> {
    const { rows } = await its.client.query<{ value: T }>(`SELECT (${text}) AS value`);
    return rows[0]?.value as T;
  }
  const sender = (): string => `SELECT active_pid FROM pg_replication_slots WHERE slot_name = '${slot()}'`;
  const free = (by = its.client): Promise<void> =>
    eventually(async () => (await by.query<{ active_pid: number | null }>(sender())).rows[0]?.active_pid === null);
  const flushed = async (): Promise<bigint> =>
    BigInt(
      await one<string>(`SELECT confirmed_flush_lsn - '0/0' FROM pg_replication_slots WHERE slot_name = '${slot()}'`),
    );

  it('goes on after every kill without a gap and without a double, from where its consumer is', async () => {
    const total = 400;
    const seen: number[] = [];
    let position = 0n;
    const writing = (async () => {
      for (let id = 1; id <= total; id++) await its.client.query(`INSERT INTO t VALUES (${String(id)}, '')`);
    })();
    const killer = await its.server.client(its.database);
    for (let lives = 0; seen.length < total; lives++) {
      const session = await its.server.session(its.database);
      const start = { slot: slot(), publications: ['p'], startLsn: position };
      const stream = await session.startReplication(start, {
        spillDirectory: its.server.directory,
        statusIntervalMs: 20,
      });
      const kill = lives < 12 ? () => killer.query(`SELECT pg_terminate_backend((${sender()}))`) : undefined;
      const end = await readLife(stream, kill).catch((err: unknown) => err);
      if (end) expect(end).toMatchObject({ code: 'connection_failed' });
      await stream.close();
      await free(killer);
    }
    await writing;
    expect(seen).toEqual(Array.from({ length: total }, (_, i) => i + 1));

    /** What was read is kept together with its position; the session is killed after some commits. */
    async function readLife(stream: ReplicationStream, kill?: () => Promise<unknown>): Promise<void> {
      let commits = 0;
      const pending: number[] = [];
      for await (const events of stream)
        for (const event of events) {
          if (event.kind === 'insert') pending.push(Number(event.newTuple[0]));
          if (event.kind !== 'commit') continue;
          seen.push(...pending.splice(0));
          position = event.endLsn;
          stream.confirm(position);
          if (seen.length === total) return;
          if ((commits += 1) === 15) await kill?.();
        }
    }
  });

  it('sends again exactly what was not confirmed', async () => {
    const commitsOf = (all: readonly SourceEvent[]) => all.filter((event) => event.kind === 'commit');
    const first = await open({ statusIntervalMs: 20 });
    for (const id of [1, 2, 3, 4]) await its.client.query(`INSERT INTO t VALUES (${String(id)}, '')`);
    const confirmed = commitsOf(await readUntil(first, (_, all) => commitsOf(all).length === 4))[1]?.endLsn ?? 0n;
    first.confirm(confirmed);
    await eventually(async () => (await flushed()) === confirmed);
    await its.client.query(`SELECT pg_terminate_backend((${sender()}))`);
    await free();
    const again = await readUntil(await open(), (_, all) => commitsOf(all).length === 2);
    expect(again.flatMap((event) => (event.kind === 'insert' ? [event.newTuple[0]] : []))).toEqual(['3', '4']);
  });

  it('begins where it is told, when that is later than what the slot knows', async () => {
    const first = await open();
    await its.client.query(`INSERT INTO t VALUES (1, ''); INSERT INTO t VALUES (2, '')`);
    await its.client.query(`INSERT INTO t VALUES (3, '')`);
    const events = await readUntil(first, (_, all) => all.filter(({ kind }) => kind === 'commit').length === 2);
    const [commit] = events.filter((event) => event.kind === 'commit');
    await its.client.query(`SELECT pg_terminate_backend((${sender()}))`);
    await free();
    const session = await its.server.session(its.database);
    const start = { slot: slot(), publications: ['p'], startLsn: commit?.endLsn ?? 0n };
    const second = await session.startReplication(start, { spillDirectory: its.server.directory });
    const again = await readUntil(second, (event) => event.kind === 'commit');
    expect(again.flatMap((event) => (event.kind === 'insert' ? [event.newTuple[0]] : []))).toEqual(['3']);
    await second.close();
  });

  itAlike(major, 'lives on while its consumer does nothing, and the server waits', async () => {
    const stream = await open({ queueBytes: 100_000 }, 1000);
    const pid = await one<number>(sender());
    await its.client.query(`INSERT INTO t SELECT n, repeat('x', 1000) FROM generate_series(1, 30000) n`);
    await eventually(() => stream.state.queuedBytes > 100_000);
    const until = Date.now() + 3500;
    // 16,000,000 more bytes than may wait are there to be sent.
    while (Date.now() < until) {
      expect(stream.state.queuedBytes).toBeLessThan(400_000);
      await wait(100);
    }
    expect(await one<number>(sender())).toBe(pid);
    expect(stream.state.deliveredLsn).toBe(0n);
    await its.client.query(`SELECT pg_logical_emit_message(false, 'end', '')`);
    const events = await readUntil(stream, untilMark('end'));
    expect(events.filter(({ kind }) => kind === 'insert')).toHaveLength(30_000);
    await stream.close();
  });

  const kept = (): Promise<string> =>
    one<string>(
      `SELECT pg_current_wal_lsn() - confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '${slot()}'`,
    );

  it('moves on when nothing of interest is written, but not over what is in hand', async () => {
    const stream = await open();
    const iterator = stream[Symbol.asyncIterator]();
    await its.client.query(`INSERT INTO t VALUES (1, '')`);
    const events: SourceEvent[] = [];
    while (events.at(-1)?.kind !== 'commit') events.push(...((await iterator.next()).value ?? []));
    const waiting = iterator.next();
    await its.client.query(`CREATE TABLE other (v text); DROP PUBLICATION p; CREATE PUBLICATION p FOR TABLE t`);
    await its.client.query(`INSERT INTO other SELECT repeat('x', 100) FROM generate_series(1, 10000)`);
    await wait(500);
    expect(Number(await kept())).toBeGreaterThan(1_000_000);
    for (const event of events) stream.confirm(positionOf(event) ?? 0n);
    await eventually(async () => Number(await kept()) < 100_000);
    expect(() => stream.confirm(2n ** 60n)).toThrow('was not delivered');
    await stream.close();
    expect(await waiting).toMatchObject({ done: true });
  });

  it('tells the server what is confirmed before it ends, and frees the slot at once', async () => {
    const stream = await open({ statusIntervalMs: 60_000 });
    await its.client.query(`INSERT INTO t VALUES (1, '')`);
    const events = await readUntil(stream, (event) => event.kind === 'commit');
    const end = events.flatMap((event) => (event.kind === 'commit' ? [event.endLsn] : []))[0] ?? 0n;
    stream.confirm(end);
    const began = Date.now();
    await stream.close();
    await free();
    expect(Date.now() - began).toBeLessThan(900);
    // The server may have told meanwhile that what it wrote itself is of no interest.
    expect(await flushed()).toBeGreaterThanOrEqual(end);
  });

  it('does not hold up a server that shuts down, when it has nothing in hand', async () => {
    const own = await RealPostgres.start(major);
    const name = await own.database();
    const admin = await own.client(name);
    await admin.query('CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION p FOR ALL TABLES');
    const session = await own.session(name);
    await session.createSlot({ name: 's' });
    const stream = await session.startReplication(
      { slot: 's', publications: ['p'] },
      { spillDirectory: own.directory },
    );
    await admin.query('INSERT INTO t VALUES (1)');
    const reading = (async () => {
      for await (const events of stream)
        for (const event of events) if (event.kind === 'commit') stream.confirm(event.endLsn);
    })();
    const outcome = reading.catch((err: unknown) => err);
    await own.shutDown();
    expect(await outcome).toMatchObject({ code: 'connection_failed', details: { reason: 'closed' } });
    await own.stop();
  });
});
