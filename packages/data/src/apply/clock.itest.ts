import { TestNodes } from '../testing/apply/nodes.ts';
import { ANY_MAJOR } from '../testing/real-postgres.ts';
import { until } from '../testing/until.ts';

describe.each(ANY_MAJOR)('a clock that is ahead, on Postgres %i', (major) => {
  const nodes = new TestNodes(3);
  beforeAll(() => nodes.start(major));
  afterAll(() => nodes.stop());
  beforeEach(() => nodes.begin(`CREATE TABLE t (id int PRIMARY KEY)`));
  afterEach(() => nodes.end());

  /** What node 1 has committed arrives at node 2 as if it had been so much later. */
  async function later(seconds: number): Promise<void> {
    const events = await nodes.eventsOf(1, 2);
    const ahead = BigInt(Math.round(seconds * 1_000_000));
    const give = events.map((event) =>
      event.kind === 'begin' ? { ...event, commitTime: event.commitTime + ahead } : event,
    );
    await nodes.give(1, 2, give);
  }
  const state = () => nodes.node(2).applier.state.peers.get(1);

  it('is waited for, and what other peers have written is not', async () => {
    await nodes.run(1, 'INSERT INTO t VALUES (1)');
    const waiting = later(4);
    await until(() => state()?.waitingForClock);
    await nodes.run(3, 'INSERT INTO t VALUES (3)');
    await nodes.flow(3, 2);
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual(['(3)']);
    await waiting;
    const past = 'SELECT pg_xact_commit_timestamp(xmin) < clock_timestamp() FROM t WHERE id = 1';
    expect([await nodes.rows(2, past), state()?.waitingForClock]).toEqual([['(t)'], false]);
  });

  it('stops the stream when it is too far away', async () => {
    await nodes.run(1, 'INSERT INTO t VALUES (2)');
    await expect(later(60)).rejects.toThrow(/clock of node 1 is \d+ ms ahead/);
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual([]);
  });
});
