import { auditIntents, auditLines, checkAudit, type AuditLine } from '@windlass/resources/audit';
import { DomainError } from '@windlass/resources/errors';
import { databaseRecords } from '@windlass/resources/postgres/records';
import { createCa } from '@windlass/resources/platform/trust';
import type { Kv } from '@windlass/resources/store';
import { accept, makeTask } from '@windlass/resources/tasks';
import { AuditCollector } from '../core/audit/collector.ts';
import { openFixture, shopSpec, type Fixture } from '../testing/fixture.ts';

const KEPT = { lines: 1000, days: 30 };

let caPem: string;
beforeAll(async () => void ({ certPem: caPem } = await createCa('cluster')));

let f: Fixture;
let time: Date;
beforeEach(async () => {
  time = new Date();
  f = await openFixture(caPem, () => time);
});
afterEach(() => f.app.close());

const create = (more: object = {}) => f.call('POST', '/v1/databases', { id: 'shop', spec: { ...shopSpec, ...more } });
/** Lines are stored after the answer. */
async function lines(): Promise<AuditLine[]> {
  for (let left = 50; left > 0 && (await auditIntents.list(f.kv, [])).length > 0; left -= 1)
    await new Promise(setImmediate);
  return (await auditLines.list(f.kv, [])).map(({ value }) => value);
}
const last = async (): Promise<AuditLine | undefined> => (await lines()).at(-1);
async function exported(query = ''): Promise<string[]> {
  const { body } = await f.app.inject({ method: 'GET', url: `/v1/audit:export${query}` });
  return body.split('\n').slice(0, -1);
}
async function tokenOf(role: string): Promise<{ readonly id: string; readonly header: Record<string, string> }> {
  const { body } = await f.call('POST', '/v1/tokens', { name: `my ${role}`, role });
  const { id } = body['api_token'] as { id: string };
  return { id, header: { authorization: `Bearer ${String(body['token'])}` } };
}
/** Fails transactions that hold such a key; they are not made. */
function refuseWrites(prefix: string): jest.SpyInstance {
  const commit: Kv['commit'] = f.kv.commit.bind(f.kv);
  return jest.spyOn(f.kv, 'commit').mockImplementation(async (expect, writes) => {
    if (writes.some((write) => 'put' in write && write.put.startsWith(prefix))) throw new DomainError('store_full');
    return commit(expect, writes);
  });
}

test('a change is a line: who, from where, what, on what, the answer, and what changed', async () => {
  const { id, header } = await tokenOf('admin');
  const { body } = await f.call('POST', '/v1/databases', { id: 'shop', spec: shopSpec }, header);
  const { task_id: taskId } = body['task'] as { task_id: string };
  expect(await last()).toMatchObject({
    who: { kind: 'token', id, name: 'my admin', role: 'admin' },
    ...{ from: '127.0.0.1', operation: 'create-database', method: 'POST', path: '/v1/databases' },
    entity: { kind: 'database', id: 'shop' },
    tasks: [{ id: taskId, type: 'create' }],
    records: expect.arrayContaining(['databases/shop', 'specs/shop', 'secrets/database/shop/user/app']) as string[],
    changes: expect.arrayContaining([{ field: 'spec.nodes[n1].host_ids[0]', after: 'host-1' }]) as object[],
    answer: { status: 200 },
  });
});

test('a refused request is a line with its error; one that reads, or plans, is none', async () => {
  await f.call('DELETE', '/v1/databases/nope?force=true');
  expect(await last()).toMatchObject({
    who: { kind: 'loopback' },
    ...{ operation: 'delete-database', path: '/v1/databases/nope', query: { force: 'true' } },
    answer: { status: 404, error: 'not_found' },
  });
  await f.call('GET', '/v1/databases');
  await f.call('GET', '/v1/databases/nope');
  await f.call('POST', '/v1/databases:plan', { id: 'shop', spec: shopSpec });
  expect(await lines()).toHaveLength(1);
});

test('a GET that changes something is a line', async () => {
  await f.call('GET', '/v1/cluster/join-token');
  expect(await last()).toMatchObject({ operation: 'get-join-token', method: 'GET', answer: { status: 200 } });
});

test('no secret is in a line: no password, no token', async () => {
  const { header } = await tokenOf('operator');
  await create({ database_users: [{ username: 'app', password: 'canary-password', db_owner: true }] });
  await f.call('POST', '/v1/databases/shop', { spec: { ...shopSpec, database_users: [{ username: 'app', password: 'canary-other', db_owner: true }] } }); // prettier-ignore
  const { body } = await f.call('GET', '/v1/cluster/join-token');
  const told = JSON.stringify([await lines(), await f.kv.list(auditIntents.under())]);
  const secrets = [
    'canary',
    header['authorization']?.split('_').slice(2).join('_') ?? '',
    String(body['token']).split('-')[2] ?? '',
  ];
  expect(secrets.map((secret) => [secret.length > 5, told.includes(secret)])).toEqual(secrets.map(() => [true, false]));
});

test('a change whose intent cannot be stored is not made', async () => {
  const refusing = refuseWrites(auditIntents.under());
  expect(await create()).toMatchObject({ status: 507, body: { name: 'store_full' } });
  refusing.mockRestore();
  expect([await databaseRecords.get(f.kv, 'shop'), f.temporal.started.length]).toEqual([undefined, 0]);
});

test('a change whose line cannot be stored then is answered, and gets its line later', async () => {
  const refusing = refuseWrites(auditLines.under());
  expect(await create()).toMatchObject({ status: 200 });
  refusing.mockRestore();
  const collector = new AuditCollector({ deps: f.deps, kept: KEPT, by: 's1', onError: () => undefined });
  await collector.round();
  expect(await auditLines.list(f.kv, [])).toEqual([]); // the server that answers may still write it
  time = new Date(time.getTime() + 61_000);
  await collector.round();
  const line = await last();
  expect(line).toMatchObject({ operation: 'create-database', entity: { id: 'shop' } });
  expect(line).not.toHaveProperty('answer');
});

test('who is refused at the door is summed up, by address and minute; nobody can fill the store with it', async () => {
  const { id, header } = await tokenOf('viewer');
  const ask = (remoteAddress: string, headers: Record<string, string>) =>
    f.app.inject({ method: 'POST', url: '/v1/databases', remoteAddress, headers });
  for (let n = 0; n < 20; n += 1) await ask('192.0.2.7', { authorization: 'Bearer wl_canary' });
  for (let n = 0; n < 3; n += 1) await ask('192.0.2.8', header);
  for (let n = 0; n < 40; n += 1) await ask(`192.0.3.${String(n)}`, { authorization: 'Basic x' });
  expect(await lines()).toHaveLength(1);
  await f.app.close();
  const told = (await lines()).slice(1);
  expect(told).toMatchObject([
    { from: '192.0.2.7', who: { kind: 'nobody' }, times: 20, answer: { status: 401, error: 'login_required' } },
    { from: '192.0.2.8', who: { kind: 'token', id }, times: 3, answer: { status: 403, error: 'not_permitted' } },
    ...Array.from({ length: 8 }, () => ({ times: 1 })),
    { times: 32, detail: expect.stringContaining('more addresses') as string },
  ]);
  expect(JSON.stringify(told)).not.toContain('canary');
});

test('what a host did by itself is a line of that host, whatever it says', async () => {
  const task = makeTask({ scope: 'database', entityId: 'shop', type: 'failover', workflowId: '' }, time);
  await accept(f.kv, { task, doing: { by: { kind: 'host', id: 'host-1' }, operation: 'fast-failover' } });
  const found = await auditIntents.get(f.kv, 'host-1', task.taskId);
  const lie = {
    event: { id: 'x', at: time.toISOString(), operation: 'x', who: { kind: 'operator' as const } },
    isAnswered: false,
  };
  await f.kv.commit([], [auditIntents.put(lie, 'host-2', 'x')]);
  expect(found?.value.isAnswered).toBe(false);
  const servers = ['s1', 's2'].map(
    (by) => new AuditCollector({ deps: f.deps, kept: KEPT, by, onError: () => undefined }),
  );
  await Promise.all(servers.map((one) => one.round()));
  expect(await lines()).toMatchObject([
    { who: { kind: 'host', id: 'host-1' }, operation: 'fast-failover', tasks: [{ id: task.taskId, type: 'failover' }] },
    { who: { kind: 'host', id: 'host-2' }, operation: 'x' },
  ]);
});

test('the list is of the newest first, in pages, by who, entity, operation and time', async () => {
  const { header } = await tokenOf('admin');
  await create();
  time = new Date(time.getTime() + 10_000);
  await f.call('DELETE', '/v1/databases/nope', undefined, header);
  await lines();
  const ask = async (query: string) => {
    const { body } = await f.call('GET', `/v1/audit${query}`);
    return [(body['lines'] as AuditLine[]).map(({ operation }) => operation), body['before']];
  };
  const since = new Date(time.getTime() - 1000).toISOString();
  expect(await ask('')).toEqual([['delete-database', 'create-database', 'create-token'], undefined]);
  expect(await ask('?limit=1')).toEqual([['delete-database'], 3]);
  expect(await ask('?limit=1&before=3')).toEqual([['create-database'], 2]);
  expect(await ask('?who=my%20admin')).toEqual([['delete-database'], undefined]);
  expect(await ask('?entity=database/shop')).toEqual([['create-database'], undefined]);
  expect(await ask('?operation=create-token')).toEqual([['create-token'], undefined]);
  expect(await ask(`?since=${since}`)).toEqual([['delete-database'], undefined]);
  expect(await ask(`?until=${since}`)).toEqual([['create-database', 'create-token'], undefined]);
  for (const bad of ['?limit=0', '?limit=1001', '?since=yesterday'])
    expect(await f.call('GET', `/v1/audit${bad}`)).toMatchObject({ status: 400, body: { name: 'invalid_input' } });
});

test('an export is good, also one that goes on from another; the list says the head it leads to', async () => {
  await tokenOf('admin');
  await create();
  await lines();
  const { body } = await f.call('GET', '/v1/audit');
  const head = body['head'] as { seq: number; hash: string };
  expect(await checkAudit(await exported(), head)).toEqual({ lines: 2, head });
  expect(await checkAudit(await exported('?after=1'), head)).toEqual({ lines: 1, head });
  expect(await checkAudit((await exported()).slice(0, -1))).toMatchObject({ lineNumber: 3 });
  expect((await f.app.inject({ method: 'GET', url: '/v1/audit:export?after=99' })).statusCode).toBe(404);
});
