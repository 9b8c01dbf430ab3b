import { openFixture, type Fixture } from '../../testing/fixture.ts';
import { taskLogEntries, taskRecords, type TaskRecord } from '@windlass/resources/tasks';

/** Ids in the order of time. */
const id = (n: number): string => `0199a7c4-5b1e-7c31-9f0a-${String(n).padStart(12, '0')}`;
const numbers = (tasks: unknown) => (tasks as { task_id: string }[]).map((task) => Number(task.task_id.slice(-12)));

let f: Fixture;
beforeAll(async () => {
  f = await openFixture();
  await put(1, 'database', 'shop');
  await put(2, 'database', 'bank');
  await put(3, 'host', 'host-1');
  for (const n of [4, 5, 6]) await put(n, 'database', 'shop');
  await put(7, 'database', 'shop-2');
});
afterAll(() => f.app.close());

async function put(n: number, scope: TaskRecord['scope'], entityId: string): Promise<void> {
  const createdAt = '2026-01-01T00:00:00.000Z';
  const workflowId = `${scope}/${entityId}`;
  const value: TaskRecord = {
    taskId: id(n),
    scope,
    entityId,
    type: 'update',
    status: 'running',
    createdAt,
    workflowId,
  };
  await f.kv.commit([], [{ put: taskRecords.key(scope, entityId, id(n)), value }]);
}
const list = async (url: string) => numbers((await f.call('GET', url)).body['tasks']);

const SHOP = '/v1/databases/shop/tasks';

test.each([
  [SHOP, [6, 5, 4, 1]],
  [`${SHOP}?sort_order=asc`, [1, 4, 5, 6]],
  [`${SHOP}?sort_order=ascending&limit=2`, [1, 4]],
  [`${SHOP}?limit=2`, [6, 5]],
  [`${SHOP}?limit=2&after_task_id=${id(5)}`, [4, 1]],
  [`${SHOP}?sort_order=ascend&after_task_id=${id(4)}`, [5, 6]],
  [`${SHOP}?after_task_id=${id(3)}`, [1]],
  [`${SHOP}?limit=0`, [6, 5, 4, 1]],
  [`${SHOP}?limit=-3&sort_order=descending`, [6, 5, 4, 1]],
  ['/v1/databases/none/tasks', []],
  ['/v1/hosts/host-1/tasks', [3]],
  ['/v1/tasks', [7, 6, 5, 4, 3, 2, 1]],
  ['/v1/tasks?scope=database&limit=3', [7, 6, 5]],
  [`/v1/tasks?scope=database&limit=3&after_task_id=${id(5)}`, [4, 2, 1]],
  [`/v1/tasks?sort_order=asc&after_task_id=${id(2)}&limit=2`, [3, 4]],
  ['/v1/tasks?scope=host', [3]],
  ['/v1/tasks?scope=database&entity_id=shop&limit=1', [6]],
  ['/v1/tasks?scope=host&entity_id=shop', []],
])('%s lists %j', async (url, wanted) => {
  expect(await list(url)).toEqual(wanted);
});

test('page by page one comes through everything once', async () => {
  const seen: number[] = [];
  for (let after = ''; ; after = `&after_task_id=${id(seen.at(-1) ?? 0)}`) {
    const page = await list(`/v1/tasks?limit=2${after}`);
    if (page.length === 0) break;
    seen.push(...page);
  }
  expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
});

test.each([
  [`${SHOP}?sort_order=up`, 'invalid_enum_value'],
  [`${SHOP}?limit=two`, 'invalid_field_type'],
  [`${SHOP}?after_task_id=seven`, 'invalid_format'],
  ['/v1/tasks?scope=cluster', 'invalid_enum_value'],
])('%s is 400 %s', async (url, name) => {
  const answer = await f.call('GET', url);
  expect([answer.status, answer.body['name'], answer.headers['goa-error']]).toEqual([400, name, undefined]);
});

describe('a log', () => {
  const base = `/v1/databases/shop/tasks/${id(1)}/log`;
  beforeAll(async () => {
    for (const n of [11, 12, 13]) {
      const value = { entryId: id(n), timestamp: '2026-01-01T00:00:00.000Z', message: `line ${String(n)}`, fields: {} };
      await f.kv.commit([], [{ put: taskLogEntries.under('database', 'shop', id(1)) + id(n), value }]);
    }
  });
  const read = async (query: string) => {
    const { body } = await f.call('GET', base + query);
    const lines = (body['entries'] as { message: string }[]).map((e) => Number(e.message.slice(-2)));
    return [lines, Number(String(body['last_entry_id']).slice(-12))];
  };

  test.each([
    ['', [11, 12, 13], 13],
    ['?limit=2', [12, 13], 13],
    [`?after_entry_id=${id(11)}`, [12, 13], 13],
    [`?after_entry_id=${id(11)}&limit=1`, [13], 13],
    [`?after_entry_id=${id(13)}`, [], 13],
    ['?limit=0', [11, 12, 13], 13],
  ])('%s gives %j, and the cursor to go on from', async (query, lines, last) => {
    expect(await read(query)).toEqual([lines, last]);
  });

  test('that is empty has no cursor', async () => {
    const { body } = await f.call('GET', `/v1/hosts/host-1/tasks/${id(3)}/logs`);
    expect(body).toEqual({ scope: 'host', entity_id: 'host-1', task_id: id(3), task_status: 'running', entries: [] });
  });
});
