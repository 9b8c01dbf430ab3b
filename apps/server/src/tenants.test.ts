import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiTokens } from '@windlass/resources/platform/records';
import { databaseRecords, instanceStatuses } from '@windlass/resources/postgres/records';
import { taskRecords, type TaskRecord } from '@windlass/resources/tasks';
import { reachedEvents } from './core/plugins/reached-events.ts';
import { TASK } from './testing/contract-world.ts';
import { shopSpec, type Fixture } from './testing/fixture.ts';
import { openTenants, type TenantsWorld } from './testing/tenants-world.ts';

let w: TenantsWorld;
/** Of an administrator of everything, of acme, of globex, and of both. */
let calls: Readonly<Record<'all' | 'acme' | 'globex' | 'both', Fixture['call']>>;
beforeEach(async () => {
  w = await openTenants();
  calls = {
    all: w.as(await w.login('admin')),
    acme: w.as(await w.login('admin', ['acme'])),
    globex: w.as(await w.login('admin', ['globex'])),
    both: w.as(await w.login('admin', ['acme', 'globex'])),
  };
});
afterEach(() => w.app.close());

type Who = keyof typeof calls;
const listed = async (who: Who, url: string, list: string, field: string): Promise<unknown[]> =>
  ((await calls[who]('GET', url)).body[list] as Record<string, unknown>[]).map(({ [field]: value }) => value);
const declare = (who: Who, id: string, more: object = {}, headers?: Record<string, string>) =>
  calls[who]('POST', '/v1/databases', { id, spec: { ...shopSpec, database_name: id }, ...more }, headers);

test.each([
  ['all', ['bank', 'free', 'shop']],
  ['acme', ['shop']],
  ['globex', ['bank']],
  ['both', ['bank', 'shop']],
] as const)('lists hold what %s reaches', async (who, ids) => {
  expect(await listed(who, '/v1/databases', 'databases', 'id')).toEqual(ids);
  expect(await listed(who, '/v1/databases?include=available_upgrades', 'databases', 'id')).toEqual(ids);
  expect((await listed(who, '/v1/tasks', 'tasks', 'entity_id')).sort()).toEqual(ids);
  expect((await listed(who, '/v1/tasks?scope=database', 'tasks', 'entity_id')).sort()).toEqual(ids);
  const ofBank = await calls[who]('GET', '/v1/tasks?scope=database&entity_id=bank');
  expect(ofBank.status).toBe((ids as readonly string[]).includes('bank') ? 200 : 404);
});

test('a page of tasks is full of those that are reached', async () => {
  for (const [n, id] of ['shop', 'bank', 'shop', 'bank'].entries()) {
    const taskId = `0199a7c4-5b1e-7c31-9f0a-00000000000${String(n)}`;
    const task: TaskRecord = { ...{ taskId, scope: 'database', entityId: id, type: 'update', status: 'completed' }, createdAt: '2026-01-01T00:00:00Z', workflowId: 'x' }; // prettier-ignore
    await w.kv.commit([], [taskRecords.put(task, 'database', id, taskId)]);
  }
  expect(await listed('acme', '/v1/tasks?limit=2&sort_order=asc', 'tasks', 'entity_id')).toEqual(['shop', 'shop']);
});

test('a database of which the record cannot be read is still of its tenant, as far as that can be read', async () => {
  await w.kv.commit([], [{ put: databaseRecords.key('shop'), value: { tenantId: 'acme', state: 7 } }]);
  await w.kv.commit([], [{ put: databaseRecords.key('odd'), value: 'what nobody reads' }]);
  expect(await listed('acme', '/v1/databases', 'databases', 'state')).toEqual(['unknown']);
  expect((await calls.acme('GET', '/v1/databases/shop')).body['name']).toBe('record_unreadable');
  expect((await calls.globex('GET', '/v1/databases/shop')).body['name']).toBe('not_found');
  expect((await calls.acme('GET', '/v1/databases/odd')).body['name']).toBe('not_found');
});

test('what a login for one tenant declares is of that tenant, whether it says so or not', async () => {
  const silent = await declare('acme', 'a1');
  const said = await declare('acme', 'a2', { tenant_id: 'acme' });
  for (const made of [silent, said])
    expect(made).toMatchObject({ status: 200, body: { database: { tenant_id: 'acme' } } });
  expect(await listed('acme', '/v1/databases', 'databases', 'id')).toEqual(['a1', 'a2', 'shop']);
  const changed = await calls.acme('POST', '/v1/databases/shop', { spec: { ...shopSpec, database_name: 'app' } });
  expect(changed).toMatchObject({ status: 200, body: { database: { tenant_id: 'acme' } } });
});

test('what is to be of another tenant, or of none of several, is refused with what would be right; a plan of it, too', async () => {
  for (const url of ['/v1/databases', '/v1/databases:plan', '/v1/databases/shop', '/v1/databases/shop:plan']) {
    const ask = async (who: Who, tenant_id?: string) => {
      const { status, body } = await calls[who]('POST', url, { tenant_id, ...(!url.includes('shop') && { id: 'x' }), spec: shopSpec }); // prettier-ignore
      return [status, body['message']];
    };
    expect(await ask('acme', 'globex')).toEqual([403, "tenant_id: this login is for the tenant 'acme', and not for the tenant 'globex'"]); // prettier-ignore
    expect(await ask('both')).toEqual([400, "tenant_id: is missing; this login is for the tenants 'acme' and 'globex': name one of them"]); // prettier-ignore
  }
  expect(await databaseRecords.get(w.kv, 'x')).toBeUndefined();
});

test('things of hosts are for logins for all tenants; who is limited leaves them as they are, or out', async () => {
  const volumes = { extra_volumes: [{ host_path: '/srv/shared', destination_path: '/mnt/shared' }] };
  const spec = (swarm: object) => ({ ...shopSpec, nodes: [{ name: 'n1', host_ids: ['host-1'], orchestrator_opts: { swarm } }] }); // prettier-ignore
  const networks = { extra_networks: [{ id: 'theirs' }] };
  for (const [swarm, field] of [
    [volumes, 'extra_volumes'],
    [networks, 'extra_networks'],
    [{ image: 'x:17' }, 'image'],
    [{ security: { writable_root: true } }, 'security'],
  ] as const)
    // prettier-ignore
    for (const url of ['/v1/databases', '/v1/databases:plan']) {
      const { status, body } = await calls.acme('POST', url, { id: 'x', spec: spec(swarm) });
      expect([status, body['message']]).toEqual([403, `nodes[0].orchestrator_opts.swarm.${field}: names something of hosts, which takes a login for all tenants`]); // prettier-ignore
    }
  w.temporal.results.set('validatePlacement', { problems: [] });
  const change = async (who: Who, swarm: object) =>
    (await calls[who]('POST', '/v1/databases/shop:plan', { tenant_id: 'acme', spec: { ...spec(swarm), database_name: 'app' } })).status; // prettier-ignore
  w.temporal.results.set('planDatabase', { steps: [] });
  expect([await change('acme', volumes), await change('all', volumes)]).toEqual([403, 200]);
  await calls.all('POST', '/v1/databases/shop', {
    tenant_id: 'acme',
    spec: { ...spec(volumes), database_name: 'app' },
  });
  expect([await change('acme', volumes), await change('acme', {}), await change('acme', { ...volumes, ...networks })]).toEqual([200, 200, 403]); // prettier-ignore
});

test('a key that somebody of another tenant used answers what was asked under it to nobody else', async () => {
  const key = { 'idempotency-key': 'k' };
  expect((await declare('acme', 'new', {}, key)).status).toBe(200);
  expect((await declare('acme', 'new', {}, key)).status).toBe(200);
  const { status, body } = await declare('globex', 'new', {}, key);
  expect([status, body['message']]).toEqual([400, 'Idempotency-Key: was used before for another request']);
});

test('the tasks of a database that is gone are still for its tenant, and for nobody of another one', async () => {
  const { body } = await calls.acme('DELETE', '/v1/databases/shop');
  const { task_id: id } = body['task'] as { task_id: string };
  await w.kv.commit([], [databaseRecords.remove('shop')]); // as its workflow does
  const ask = async (who: Who, path: string) => (await calls[who]('GET', `/v1/databases/shop${path}`)).status;
  for (const path of ['/tasks', `/tasks/${id}`, `/tasks/${id}/log`])
    expect([path, await ask('acme', path), await ask('globex', path)]).toEqual([path, 200, 404]);
  const byId = async (who: Who) => (await calls[who]('GET', `/v1/tasks/${id}`)).status;
  expect([await byId('acme'), await byId('globex'), await byId('all')]).toEqual([200, 404, 200]);
  expect(await listed('acme', '/v1/tasks', 'tasks', 'task_id')).toEqual([id, TASK]);
  expect(await listed('globex', '/v1/tasks', 'tasks', 'entity_id')).toEqual(['bank']);
  expect(await ask('acme', '')).toBe(404);
});

test('a token says for whom it is; only who is not limited makes tokens', async () => {
  const { body } = await calls.all('POST', '/v1/tokens', { name: 'a', role: 'viewer', tenants: ['acme', 'globex'] });
  expect(body['api_token']).toMatchObject({ role: 'viewer', tenants: ['acme', 'globex'] });
  const viewer = w.as(`Bearer ${String(body['token'])}`);
  expect(((await viewer('GET', '/v1/databases')).body['databases'] as unknown[]).length).toBe(2);
  const more = await calls.acme('POST', '/v1/tokens', { name: 'b', role: 'admin' });
  expect([more.status, more.body['message']]).toEqual([403, expect.stringMatching(/^the token 'my admin', of an admin, is for the tenant 'acme' alone and does not open this, which takes a login for all tenants: /)]); // prettier-ignore
  for (const tenants of [[], ['No_Good'], ['acme', 'acme'], 'acme'])
    expect((await calls.all('POST', '/v1/tokens', { name: 'c', role: 'viewer', tenants })).status).toBe(400);
});

describe('the event feed', () => {
  /** A client of /v1/events over a real connection; what it heard. */
  async function listen(
    authorization: string,
  ): Promise<{ until(text: string): Promise<string>; ended: Promise<void> }> {
    if (!w.app.server.listening) await w.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = w.app.server.address() as AddressInfo;
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const headers = { authorization };
      http.get({ host: '127.0.0.1', port, path: '/v1/events', headers }, resolve).on('error', reject);
    });
    let seen = '';
    const until = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const look = (): void => void (seen.includes(text) && resolve(seen));
        response.on('data', look);
        look();
      });
    response.setEncoding('utf8');
    response.on('data', (data: string) => (seen += data));
    const ended = new Promise<void>((resolve) => response.on('end', resolve));
    await until(': connected');
    return { until, ended };
  }

  test('tells of what is reached, in its order, also of the end of what is gone', async () => {
    const [acme, all] = [await listen(await w.login('viewer', ['acme'])), await listen(await w.login('viewer'))];
    await declare('globex', 'theirs');
    await declare('acme', 'ours');
    const task = (await taskRecords.list(w.kv, ['database', 'ours']))[0]?.value;
    if (!task) throw new Error('there is no task');
    for (const id of ['bank', 'shop', 'free']) {
      const { value } = (await instanceStatuses.list(w.kv, [id]))[0] ?? {};
      if (value) await w.kv.commit([], [instanceStatuses.put({ ...value, writable: false }, id, value.instanceId)]);
    }
    await w.kv.commit([], [databaseRecords.remove('ours'), taskRecords.put({ ...task, status: 'completed' }, 'database', 'ours', task.taskId)]); // prettier-ignore
    const about = (text: string): unknown[] => [...text.matchAll(/"database_id":"(\w+)"/g)].map(([, id]) => id);
    expect(about(await acme.until('"status":"completed"'))).toEqual(['ours', 'shop', 'ours']);
    expect(about(await all.until('"status":"completed"'))).toEqual(['theirs', 'ours', 'bank', 'shop', 'free', 'ours']);
  });

  test('a stream ends when its login is revoked, and another goes on', async () => {
    const authorization = await w.login('viewer', ['acme']);
    const [gone, other] = [await listen(authorization), await listen(await w.login('viewer', ['acme']))];
    await w.kv.commit([], [apiTokens.remove(authorization.split('_')[1] ?? '')]);
    await gone.ended;
    await declare('acme', 'later');
    await other.until('"database_id":"later"');
  });

  test('a stream of which nobody can tell whose an event is ends, and leaves out none', async () => {
    const said: string[] = [];
    const hear = reachedEvents(w.kv, new Set(['acme']))((text) => said.push(text), () => said.push('cut off')); // prettier-ignore
    hear({ text: 'first', entity: { kind: 'database', id: 'shop' } });
    await new Promise(setImmediate);
    w.storeDown(true);
    hear({ text: 'second', entity: { kind: 'database', id: 'shop' } });
    await new Promise(setImmediate);
    w.storeDown(false);
    expect(said).toEqual(['first', 'cut off']);
  });
});
