import { databaseRecords, instanceStatuses, type InstanceStatus } from '@windlass/resources/postgres/records';
import { hostRecords } from '@windlass/resources/platform/records';
import { hostNow, openFixture, type Fixture } from '../testing/fixture.ts';

let f: Fixture;
beforeEach(async () => void (f = await openFixture()));
afterEach(() => f.app.close());

const THEN = '2026-01-02T03:04:05.678Z';

async function declare(id: string, more: Partial<InstanceStatus> = {}): Promise<void> {
  const status: InstanceStatus = {
    instanceId: `${id}-n1-a`,
    databaseId: id,
    nodeName: 'n1',
    hostId: 'host-1',
    createdAt: THEN,
    sampledAt: new Date().toISOString(),
    container: 'running',
    writable: true,
    addresses: [],
    ...more,
  };
  const record = { id, createdAt: THEN, updatedAt: THEN, state: 'available' as const };
  await f.kv.commit([], [databaseRecords.put(record, id), instanceStatuses.put(status, id, status.instanceId)]);
}

const states = async (): Promise<unknown> => {
  const { status, body } = await f.call('GET', '/v1/databases');
  expect(status).toBe(200);
  return (body['databases'] as { id: string; state: string }[]).map(({ id, state }) => [id, state]);
};

test('a record that cannot be read is listed as unknown among the others, in its place, with what can be told of it', async () => {
  for (const id of ['a', 'c']) await declare(id);
  const later = { id: 'b', tenantId: 'acme', createdAt: THEN, updatedAt: 7, state: 'hibernating' };
  await f.kv.commit([], [{ put: databaseRecords.key('b'), value: later }]);
  expect(await states()).toEqual([['a', 'available'], ['b', 'unknown'], ['c', 'available']]); // prettier-ignore
  const { body } = await f.call('GET', '/v1/databases');
  expect((body['databases'] as unknown[])[1]).toEqual({
    id: 'b',
    tenant_id: 'acme',
    created_at: '2026-01-02T03:04:05Z',
    updated_at: '1970-01-01T00:00:00Z',
    state: 'unknown',
  });
});

test.each([
  ['nothing', null],
  ['a text', 'oops'],
  ['a list', []],
])('%s in place of a record is a database in state unknown', async (_what, value) => {
  await declare('a');
  await f.kv.commit([], [{ put: databaseRecords.key('b'), value }]);
  expect(await states()).toEqual([['a', 'available'], ['b', 'unknown']]); // prettier-ignore
});

test('a database of which an instance cannot be read is unknown, not available; the others are as they are', async () => {
  for (const id of ['a', 'b']) await declare(id);
  await f.kv.commit([], [{ put: instanceStatuses.key('b', 'b-n1-b'), value: { container: 'hibernated' } }]);
  expect(await states()).toEqual([['a', 'available'], ['b', 'unknown']]); // prettier-ignore
});

test('what cannot be read is told once for each time it was written, and counted until it is well again', async () => {
  const count = async (): Promise<string> => {
    const { body } = await f.app.inject('/metrics');
    return /^windlass_unreadable_records (\d+)$/m.exec(body)?.[1] ?? '';
  };
  await declare('a');
  expect(await count()).toBe('0');
  await f.kv.commit([], [{ put: databaseRecords.key('b'), value: {} }]);
  for (let i = 0; i < 3; i += 1) await states();
  expect([f.told, await count()]).toEqual([['databases/b'], '1']);
  await f.kv.commit([], [{ put: databaseRecords.key('b'), value: {} }]);
  await states();
  expect([f.told, await count()]).toEqual([['databases/b', 'databases/b'], '1']);
  await declare('b');
  await states();
  expect(await count()).toBe('0');
});

test('a host that cannot be read hides no other, and nothing is placed on it', async () => {
  await f.kv.commit([], [{ put: hostRecords.key('host-2'), value: { id: 'host-2' } }]);
  const { body } = await f.call('GET', '/v1/hosts');
  expect((body['hosts'] as { id: string }[]).map(({ id }) => id)).toEqual(['host-1']);
  expect(f.told).toEqual(['hosts/host-2']);
  const spec = { database_name: 'd', nodes: [{ name: 'n1', host_ids: ['host-2'] }] };
  const refused = await f.call('POST', '/v1/databases', { id: 'd', spec });
  expect([refused.status, refused.body['message']]).toEqual([400, expect.stringContaining('host-2')]);
  await f.kv.commit([], [hostRecords.put(hostNow({ id: 'host-2' }), 'host-2')]);
  expect((await f.call('POST', '/v1/databases', { id: 'd', spec })).status).toBe(200);
});

test('one database that cannot be read is refused with the key', async () => {
  await declare('a');
  await f.kv.commit([], [{ put: databaseRecords.key('a'), value: {} }]);
  const { status, body } = await f.call('GET', '/v1/databases/a');
  expect([status, body['name']]).toEqual([500, 'record_unreadable']);
  expect(body['message']).toContain("'databases/a'");
});
