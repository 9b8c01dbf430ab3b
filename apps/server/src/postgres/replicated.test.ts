import { createSecrets } from '@windlass/resources/store';
import { comparisons, comparisonWishes, databaseSpecs, type Comparison } from '@windlass/resources/postgres/records';
import type { ConflictRecord } from '@windlass/resources/postgres/operations';
import { outboxEntries, taskRecords } from '@windlass/resources/tasks';
import { changeShop, instanceNow } from '../testing/contract-world.ts';
import { openFixture, shopSpec, type Fixture } from '../testing/fixture.ts';

const url = '/v1/databases/shop';
const nodes = ['n1', 'n2'].map((name) => ({ name, host_ids: ['host-1'] }));
const nodeNumbers = { current: { n1: 1, n2: 2 }, given: [1, 2] };
const THEN = '2026-01-01T00:00:00.000Z';

let f: Fixture;
beforeEach(async () => {
  f = await openFixture();
  await declare(nodes);
  await changeShop(f, { id: 'shop', createdAt: THEN, updatedAt: THEN, state: 'available' });
});
afterEach(() => f.app.close());

const declare = (some: typeof nodes) =>
  f.kv.commit(
    [],
    [
      {
        put: databaseSpecs.key('shop'),
        value: { spec: { ...shopSpec, nodes: some }, passwordVersions: {}, nodeNumbers },
      },
    ],
  );
const taskOf = async (body: unknown) => {
  const { task_id: id } = (body as { task: { task_id: string } }).task;
  const task = (await f.kv.get(taskRecords.key('database', 'shop', id)))?.value;
  return { id, task, asked: (await outboxEntries.list(f.kv, [])).map(({ value }) => value) };
};

describe('skip', () => {
  const skip = `${url}/nodes/n1/skip`;
  const body = { peer: 'n2', lsn: '0/1a2b' };

  test('is a task of the node, also while another one owns the database', async () => {
    await changeShop(f, { state: 'modifying', openTaskId: 'another' });
    const { status, body: answer } = await f.call('POST', skip, body);
    expect([status, answer]).toMatchObject([200, { task: { type: 'skip_transaction', node_name: 'n1' } }]);
    expect(f.temporal.started).toMatchObject([
      { type: 'skipTransaction', input: { databaseId: 'shop', nodeName: 'n1', peer: 'n2', lsn: '0/1A2B' } },
    ]);
  });

  test.each([
    ['a peer that is none', { ...body, peer: 'n3' }, /peer: 'n3' is no node of the database: it has n1, n2/],
    ['the node itself', { ...body, peer: 'n1' }, /peer: must be another node/],
    ['what is no position', { ...body, lsn: 'end' }, /lsn/],
  ])('%s is refused', async (_what, given, message) => {
    const { status, body: answer } = await f.call('POST', skip, given);
    expect([status, answer['message']]).toEqual([400, expect.stringMatching(message)]);
  });

  test('a node that is none, and a database with one node, are refused', async () => {
    expect((await f.call('POST', `${url}/nodes/n7/skip`, body)).body['message']).toMatch(/'n7' is no node/);
    await declare(nodes.slice(0, 1));
    expect((await f.call('POST', skip, body)).body['message']).toMatch(/the database has one node/);
  });
});

describe('resync', () => {
  const resync = (node: string) => f.call('POST', `${url}/nodes/${node}/resync`);

  test('is an update that makes the node anew; the spec stays', async () => {
    const answer = await resync('n2');
    expect(answer).toMatchObject({ status: 200, body: { task: { type: 'update', status: 'pending' } } });
    expect(f.temporal.started).toMatchObject([{ type: 'updateDatabase', input: { remade: ['n2'] } }]);
    expect((await databaseSpecs.get(f.kv, 'shop'))?.value).toMatchObject({ spec: { nodes }, nodeNumbers });
    expect((await resync('n1')).status).toBe(409);
  });

  test('a node that is none, one that could be no copy, and a database with one node, are refused', async () => {
    expect((await resync('n7')).body['message']).toMatch(/node_name: 'n7' is no node/);
    const repository = { type: 'posix', base_path: '/backups' };
    const restore_config = {
      ...{ source_database_id: 'x', source_node_name: 'n1', source_database_name: 'x' },
      repository,
    };
    await declare([nodes[0], { ...nodes[1], restore_config }] as typeof nodes);
    expect((await resync('n2')).body['message']).toMatch(
      /nodes\[1\].restore_config: this node begins as a copy of 'n1'/,
    );
    await declare(nodes.slice(0, 1));
    expect((await resync('n1')).body['message']).toMatch(/the database has one node/);
    expect(f.temporal.started).toEqual([]);
  });

  test('an update goes on with what another task had begun', async () => {
    const found = await databaseSpecs.get(f.kv, 'shop');
    await f.kv.commit([], [databaseSpecs.put({ ...found!.value, remaking: ['n2'] }, 'shop')]);
    const { spec } = found!.value;
    const { conditions } = (await f.call('GET', url)).body;
    for (const node of ['n1', 'n2']) expect((await resync(node)).headers['goa-error']).toBe('operation_refused');
    const gone = await f.call('POST', url, { spec: { ...spec, nodes: nodes.slice(1) } });
    expect(gone.body['message']).toContain('no node is left of which n2 could be made anew');
    expect(conditions).toEqual([{ type: 'node_away', message: expect.stringMatching(/^n2: .*update the database$/) }]);
    expect((await f.call('POST', url, { spec })).status).toBe(200);
    expect(f.temporal.started).toMatchObject([{ type: 'updateDatabase', input: { remade: ['n2'] } }]);
    expect((await databaseSpecs.get(f.kv, 'shop'))?.value.remaking).toEqual(['n2']);
  });
});

describe('compare', () => {
  test('is one task at a time', async () => {
    const first = await f.call('POST', `${url}/compare`, { repair_from: 'n2', tables: ['public.t'] });
    expect(first).toMatchObject({ status: 200, body: { task: { type: 'compare_nodes' } } });
    expect(f.temporal.started).toMatchObject([
      { type: 'compareNodes', input: { nodeName: 'n2', repairFrom: 'n2', tables: ['public.t'] } },
    ]);
    expect((await taskOf(first.body)).task).toMatchObject({ type: 'compare_nodes' });
    expect((await f.call('POST', `${url}/compare`)).status).toBe(409);
  });

  test('a node that is right must be one', async () => {
    const { body } = await f.call('POST', `${url}/compare`, { repair_from: 'n3' });
    expect(body['message']).toMatch(/repair_from: 'n3' is no node/);
  });

  const last: Comparison = {
    ...{ databaseId: 'shop', taskId: 't', beganAt: '2026-01-02T00:00:00.000Z', endedAt: '2026-01-02T00:01:00.000Z' },
    ...{ equal: false, nodes: ['n1', 'n2'], tables: 2, rows: 10, differingTables: ['public.t'], more: false },
    differences: [{ table: 'public.t', what: 'row', key: ['7'], nodes: [{ node: 'n1', has: 'a row' }, { node: 'n2', has: null }] }],
  }; // prettier-ignore
  const store = (value: Comparison) => f.kv.commit([], [comparisons.put(value, 'shop')]);
  const conditions = async () => {
    const { body } = await f.call('GET', url);
    return ((body['conditions'] ?? []) as { type: string }[]).map(({ type }) => type);
  };
  const differs = (since: string) =>
    f.kv.commit(
      [],
      [
        instanceNow('shop-n1-a', 'host-1', {
          conditions: [{ type: 'nodes_may_differ', message: 'a failover lost commits', since }],
        }),
      ],
    );

  test('the last one is shown; without one it is not found', async () => {
    expect((await f.call('GET', `${url}/compare`)).status).toBe(404);
    await store(last);
    expect((await f.call('GET', `${url}/compare`)).body).toMatchObject({
      ...{ equal: false, began_at: '2026-01-02T00:00:00Z', differing_tables: ['public.t'] },
      differences: [{ table: 'public.t', key: ['7'], nodes: [{ node: 'n1', has: 'a row' }, { node: 'n2', has: null }] }],
    }); // prettier-ignore
  });

  test('that nodes may differ holds until all of their tables were compared since; that they do, until they do not', async () => {
    await differs('2026-01-02T00:00:01.000Z');
    await store(last);
    expect(await conditions()).toEqual(['nodes_may_differ', 'nodes_differ']);
    await differs('2026-01-01T23:59:59.000Z');
    expect(await conditions()).toEqual(['nodes_differ']);
    await store({ ...last, equal: true, only: ['public.t'] });
    expect(await conditions()).toEqual(['nodes_may_differ']);
    await store({ ...last, equal: true });
    expect(await conditions()).toEqual([]);
  });

  test('a wish to compare is a condition until it was done', async () => {
    const since = '2026-01-03T00:00:00.000Z';
    await f.kv.commit([], [comparisonWishes.put({ databaseId: 'shop', reason: 'n3 was added', since }, 'shop')]);
    expect(await conditions()).toEqual(['nodes_may_differ']);
    await store({ ...last, equal: true, beganAt: '2026-01-03T00:00:01.000Z' });
    expect(await conditions()).toEqual([]);
  });
});

describe('conflicts', () => {
  const record = (id: string, noticedAt: string, more: Partial<ConflictRecord> = {}): ConflictRecord => ({
    ...{ id, noticedAt, table: 'public.t', key: '["1"]', lostTo: 'newer row' },
    loser: { node: 2, committedAt: noticedAt },
    winner: { node: 9, committedAt: null },
    ...more,
  });
  /** Every node answers the same. */
  const answer = async (...records: ConflictRecord[]) => {
    const { seal } = createSecrets(f.kv, f.deps.box);
    f.temporal.results.set('listConflicts', { sealed: await seal('database/shop/conflicts', JSON.stringify(records)) });
  };
  const at = '2026-01-01T00:00:00.000001Z';

  test('of all nodes, newest first, with names', async () => {
    await answer(record('2', '2026-01-01T00:00:00.000002Z'), record('1', at, { incoming: { id: '1' } }));
    const { status, body } = await f.call('GET', `${url}/conflicts`);
    const found = body['conflicts'] as Record<string, unknown>[];
    expect(status).toBe(200);
    expect(found.map(({ node, noticed_at: time }) => `${String(node)} ${String(time)}`)).toEqual([
      'n1 2026-01-01T00:00:00.000002Z',
      'n2 2026-01-01T00:00:00.000002Z',
      `n1 ${at}`,
      `n2 ${at}`,
    ]);
    expect(found[2]).toEqual({
      ...{ node: 'n1', noticed_at: at, table: 'public.t', key: ['1'], lost_to: 'newer row', rejected_row: { id: '1' } },
      rejected: { node: 'n2', committed_at: at },
      kept: { node: 'a removed node, number 9', committed_at: null },
    });
    expect(body).not.toHaveProperty('next');
  });

  test('a page ends with where the next one begins, at each node', async () => {
    await answer(record('7', at));
    const { body } = await f.call('GET', `${url}/conflicts?limit=1`);
    expect(body['next']).toBe(`${at}~1~7`);
    f.temporal.executed.length = 0;
    await f.call('GET', `${url}/conflicts?limit=1&after=${encodeURIComponent(String(body['next']))}`);
    const after = f.temporal.executed.map(({ input }) => (input as { query: { after: object } }).query.after);
    expect(after).toEqual([
      { noticedAt: at, id: '7' },
      { noticedAt: at, id: '9223372036854775807' },
    ]);
  });

  test('filters go to the nodes; rows only when asked for', async () => {
    await answer();
    await f.call('GET', `${url}/conflicts?node=n2&table=public.t&since=2026-01-01T00:00:00Z&rows=true`);
    expect(f.temporal.executed.map(({ input }) => input)).toEqual([
      {
        ...{ databaseId: 'shop', nodeName: 'n2' },
        query: { table: 'public.t', since: '2026-01-01T00:00:00.000Z', limit: 100, rows: true },
      },
    ]);
  });

  test('a node that cannot be asked is named', async () => {
    f.temporal.down = true;
    const { status, body } = await f.call('GET', `${url}/conflicts?node=n1`);
    expect([status, body]).toMatchObject([200, { conflicts: [], missing: [{ node: 'n1' }] }]);
  });

  test.each([
    ['node=n3', /node: 'n3' is no node of the database/],
    ['limit=0', /limit: must be between 1 and 1000/],
    ['after=x', /after: must be the `next` of a page/],
    ['since=yesterday', /since: must be a time/],
  ])('%s is refused', async (query, message) => {
    const { status, body } = await f.call('GET', `${url}/conflicts?${query}`);
    expect([status, body['message']]).toEqual([400, expect.stringMatching(message)]);
  });
});
