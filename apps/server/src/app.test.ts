import type { FastifyInstance } from 'fastify';
import { LeafBook } from '@windlass/resources/platform/leaves';
import { DomainError } from '@windlass/resources/errors';
import { loadSqlParser } from '@windlass/resources/postgres/spec';
import { createMemoryKv, type Kv } from '@windlass/resources/store';
import { aBox, aCodec } from '@windlass/resources/testing';
import { clusterRecords } from './cluster/cluster-record.ts';
import type { ServerDeps, WorkflowStart } from './core/deps.ts';
import { Sweeper } from './core/tasks/sweeper.ts';
import { checkedApp } from './testing/checked-app.ts';
import { createFakeMembership } from './testing/fake-membership.ts';
import { UnreadableRecords } from './core/unreadable-records.ts';
import { upkeep } from './upkeep.ts';
import { hostRecords, type HostRecord } from '@windlass/resources/platform/records';

const hostNow = (): HostRecord => ({
  id: 'host-1', dataDir: '/data', swarmNodeId: 's1', controlAvailable: true, peerAddresses: ['192.0.2.1'], clientAddresses: ['192.0.2.1'],
  cpus: 2, memoryBytes: 8e9, images: [{ postgresVersion: '17.6', id: 'sha256:1' }], components: { docker: { healthy: true, error: '' } }, seenAt: new Date().toISOString(),
}); // prettier-ignore

const spec = {
  database_name: 'shop',
  database_users: [{ username: 'app', password: 'hush-hush', db_owner: true }],
  nodes: [{ name: 'n1', host_ids: ['host-1'] }],
};

let kv: Kv;
let app: FastifyInstance;
let settle: () => void;
let started: WorkflowStart[];
let temporalDown: boolean;
let deps: ServerDeps;

beforeAll(() => loadSqlParser());
beforeEach(async () => {
  kv = createMemoryKv();
  started = [];
  temporalDown = false;
  const guard = <T>(value: T): Promise<T> =>
    temporalDown ? Promise.reject(new DomainError('temporal_unavailable')) : Promise.resolve(value);
  const temporal: ServerDeps['temporal'] = {
    start: async (request) => {
      await guard(undefined);
      started.push(request);
      return 'started';
    },
    execute: <T>() => guard({ problems: ['port: 5432 is in use'] } as T),
    cancel: () => guard('requested' as const),
    terminate: () => guard(undefined),
    runOf: () => guard({ runId: 'r1' }),
    isRunning: () => guard(true),
    hasWorker: () => guard(true),
  };
  deps = {
    kv,
    unreadable: new UnreadableRecords(() => undefined),
    leaves: new LeafBook(),
    temporal,
    payloads: aCodec(kv),
    box: aBox(kv),
    caPem: '',
    serverUrls: ['http://192.0.2.1:3000'],
    certificateEnds: () => Promise.resolve({}),
    clockLook: () => Promise.resolve({ healthy: true, error: '' }),
    membership: createFakeMembership(() => new Date()),
    upkeep,
    now: () => new Date(),
  };
  await kv.commit(
    [],
    [
      clusterRecords.put({ id: 'c1', createdAt: '2026-01-02T03:04:05.678Z' }),
      { put: hostRecords.key('host-1'), value: hostNow() },
    ],
  );
  ({ app, settle } = await checkedApp(deps));
});
afterEach(() => app.close());

const call = async (
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  payload?: unknown,
  headers: Record<string, string> = {},
) => {
  const text = typeof payload === 'string' ? payload : payload === undefined ? undefined : JSON.stringify(payload);
  const answer = await app.inject({
    method,
    url,
    headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(text !== undefined && { payload: text }),
  });
  settle();
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: (answer.body === '' ? undefined : answer.json()) as Record<string, unknown>,
  };
};
const declare = (id = 'shop') => call('POST', '/v1/databases', { id, spec });

test('a create is stored whole before it is answered, without the password, and its workflow is started', async () => {
  const { status, body } = await declare();
  expect(status).toBe(200);
  expect(body).toMatchObject({
    task: { type: 'create', status: 'pending', database_id: 'shop' },
    database: {
      id: 'shop',
      state: 'creating',
      spec: { postgres_version: '17.6', database_users: [{ username: 'app', db_owner: true }] },
    },
  });
  expect(started).toMatchObject([
    {
      type: 'createDatabase',
      id: 'database/shop',
      attributes: {
        WindlassDatabaseId: 'shop',
        WindlassEntity: 'database/shop',
        WindlassTaskType: 'create',
        WindlassHostId: ['host-1'],
      },
    },
  ]);
  const everything = JSON.stringify([await kv.list(''), started, body]);
  expect(everything).not.toContain('hush-hush');
  expect((await kv.list('outbox/')).length).toBe(1);
});

test('a start that was lost is made up for by the sweeper', async () => {
  temporalDown = true;
  expect((await declare()).status).toBe(200);
  expect(started).toEqual([]);
  temporalDown = false;
  await new Sweeper(deps, () => undefined).sweep();
  expect(started).toMatchObject([{ id: 'database/shop' }]);
});

test('errors are problem+json with name, message and the goa-error header', async () => {
  await declare();
  const { status, headers, body } = await declare();
  expect([status, headers['goa-error'], headers['content-type']]).toEqual([
    409,
    'database_already_exists',
    'application/problem+json; charset=utf-8',
  ]);
  expect(body).toMatchObject({
    name: 'database_already_exists',
    message: 'a database already exists with the given ID',
    status: 409,
  });
});

test.each([
  [
    'an unknown field names the nearest',
    { id: 'x', spec: { ...spec, databse_name: 'y' } },
    'invalid_input',
    'database_name',
  ],
  [
    'an unknown host',
    { id: 'x', spec: { ...spec, nodes: [{ name: 'n1', host_ids: ['elsewhere'] }] } },
    'invalid_input',
    'got invalid host ids: elsewhere',
  ],
  [
    'a version no host has',
    { id: 'x', spec: { ...spec, postgres_version: '18.1' } },
    'invalid_input',
    'does not support version combination',
  ],
  [
    'what is not carried out yet',
    {
      id: 'x',
      spec: {
        ...spec,
        services: [
          { service_id: 's', service_type: 'mcp', version: 'latest', host_ids: ['host-1'], connect_as: 'app' },
        ],
      },
    },
    'operation_not_supported',
    'services',
  ],
  ['a bad id', { id: 'No Good', spec }, 'invalid_input', 'valid IDs must be'],
  ['a port the host refuses', { id: 'x', spec: { ...spec, port: 5432 } }, 'invalid_input', 'port: 5432 is in use'],
])('%s is refused before anything is stored', async (_what, body, name, text) => {
  const before = JSON.stringify(await kv.list('databases/'));
  const answer = await call('POST', '/v1/databases', body);
  expect([answer.status, answer.body['name']]).toEqual([400, name]);
  expect(answer.body['message']).toContain(text);
  expect(JSON.stringify(await kv.list('databases/'))).toBe(before);
});

test('a second change while one runs is 409; a forced delete takes over and ends the first task', async () => {
  const first = (await declare()).body['task'] as { task_id: string };
  expect((await call('POST', '/v1/databases/shop', { spec })).body['name']).toBe('database_not_modifiable');
  expect((await call('DELETE', '/v1/databases/shop')).status).toBe(409);
  expect((await call('DELETE', '/v1/databases/shop?force=true')).body).toMatchObject({ task: { type: 'delete' } });
  expect((await call('GET', `/v1/databases/shop/tasks/${first.task_id}`)).body).toMatchObject({ status: 'canceled' });
});

test('tasks: list, order, paging, log cursor, cancel and their errors', async () => {
  const { task_id: id } = (await declare()).body['task'] as { task_id: string };
  expect((await call('GET', '/v1/databases/shop/tasks')).body).toMatchObject({ tasks: [{ task_id: id }] });
  expect((await call('GET', `/v1/tasks?after_task_id=${id}`)).body).toEqual({ tasks: [] });
  expect((await call('GET', '/v1/tasks?entity_id=shop')).body).toMatchObject({
    name: 'invalid_input',
    message: 'entity_id requires scope to be set',
  });
  expect((await call('GET', '/v1/tasks?limit=ten')).body).toMatchObject({ name: 'invalid_field_type' });
  expect((await call('GET', '/v1/tasks?sort_order=up')).body).toMatchObject({ name: 'invalid_enum_value' });
  expect((await call('GET', `/v1/databases/shop/tasks/${id}/log?after_entry_id=${id}`)).body).toMatchObject({
    last_entry_id: id,
    entries: [],
  });
  expect((await call('GET', '/v1/databases/none/tasks')).body).toEqual({ tasks: [] });
  expect((await call('GET', `/v1/databases/none/tasks/${id}`)).status).toBe(404);
  expect((await call('GET', `/v1/databases/shop/tasks/${id}/cancel`)).body).toMatchObject({ status: 'canceling' });
  expect((await call('GET', `/v1/databases/shop/tasks/${id}/cancel`)).body).toMatchObject({
    name: 'invalid_input',
    message: 'task must be running or pending to be cancelled',
  });
  expect((await call('GET', `/v1/databases/none/tasks/${id}/cancel`)).status).toBe(400);
});

test('hosts and unknown things', async () => {
  expect((await call('GET', '/v1/hosts/host-1')).body).toMatchObject({
    id: 'host-1',
    status: { state: 'healthy' },
    default_pgedge_version: { postgres_version: '17.6' },
  });
  expect((await call('GET', '/v1/hosts/host-2')).body).toMatchObject({ name: 'not_found' });
  expect((await call('GET', '/v1/databases/none')).body).toMatchObject({
    name: 'not_found',
    message: 'database not found',
  });
  expect((await call('GET', '/v1/nothing')).body).toMatchObject({ name: 'fault', message: '404 page not found' });
});

test('without Temporal the readiness says why', async () => {
  temporalDown = true;
  expect(await call('GET', '/readyz')).toMatchObject({ status: 503, body: { status: 'not ready' } });
});
