import { routes } from './routes/index.ts';
import { checkedApp } from './testing/checked-app.ts';
import { openFixture, shopSpec, type Fixture } from './testing/fixture.ts';
import { lateFixture } from './testing/late-fixture.ts';

const TASK = '0199a7c4-5b1e-7c31-9f0a-2d6b8a4e1f10';
const token = `PGEDGE-${'0'.repeat(64)}-${'0'.repeat(32)}`;
const join = { token, host_id: 'host-9', addresses: ['192.0.2.9'], embedded_etcd_enabled: false };
const restore = {
  restore_config: {
    source_database_id: 'shop',
    source_node_name: 'n1',
    source_database_name: 'shop',
    repository: { type: 'posix', base_path: '/backups' },
  },
};
const node = '/v1/databases/shop/nodes/n1';
const instance = '/v1/databases/shop/instances/shop-n1-689qacsi';

/** The 30 operations of the contract, each with a request that breaks no schema; the last column: works before init. */
const OPERATIONS: readonly (readonly [string, 'GET' | 'POST' | 'DELETE', string, unknown, boolean?])[] = [
  ['init-cluster', 'GET', '/v1/cluster/init', undefined, true],
  ['join-cluster', 'POST', '/v1/cluster/join', { token, server_urls: ['http://192.0.2.1:3000'] }, true],
  ['get-join-token', 'GET', '/v1/cluster/join-token', undefined],
  ['get-join-options', 'POST', '/v1/internal/cluster/join-options', join],
  ['get-cluster', 'GET', '/v1/cluster', undefined],
  ['list-hosts', 'GET', '/v1/hosts', undefined],
  ['get-host', 'GET', '/v1/hosts/host-1', undefined],
  ['remove-host', 'DELETE', '/v1/hosts/host-1', undefined],
  ['list-databases', 'GET', '/v1/databases', undefined],
  ['create-database', 'POST', '/v1/databases', { id: 'shop', spec: shopSpec }],
  ['get-database', 'GET', '/v1/databases/shop', undefined],
  ['update-database', 'POST', '/v1/databases/shop', { spec: shopSpec }],
  ['apply-upgrade', 'POST', '/v1/databases/shop/upgrade', { image: 'windlass/postgres:17' }],
  ['delete-database', 'DELETE', '/v1/databases/shop', undefined],
  ['backup-database-node', 'POST', `${node}/backups`, { type: 'full' }],
  ['switchover-database-node', 'POST', `${node}/switchover`, {}],
  ['failover-database-node', 'POST', `${node}/failover`, {}],
  ['list-database-tasks', 'GET', '/v1/databases/shop/tasks', undefined],
  ['get-database-task', 'GET', `/v1/databases/shop/tasks/${TASK}`, undefined],
  ['get-database-task-log', 'GET', `/v1/databases/shop/tasks/${TASK}/log`, undefined],
  ['cancel-database-task', 'GET', `/v1/databases/shop/tasks/${TASK}/cancel`, undefined],
  ['restore-database', 'POST', '/v1/databases/shop/restore', restore],
  ['restart-instance', 'POST', `${instance}/restart`, {}],
  ['stop-instance', 'POST', `${instance}/stop-instance`, undefined],
  ['start-instance', 'POST', `${instance}/start-instance`, undefined],
  ['list-host-tasks', 'GET', '/v1/hosts/host-1/tasks', undefined],
  ['get-host-task', 'GET', `/v1/hosts/host-1/tasks/${TASK}`, undefined],
  ['get-host-task-log', 'GET', `/v1/hosts/host-1/tasks/${TASK}/logs`, undefined],
  ['list-tasks', 'GET', '/v1/tasks', undefined],
  ['get-version', 'GET', '/v1/version', undefined, true],
];
const GATED = OPERATIONS.flatMap(([id, method, url, body, works]) =>
  works ? [] : ([[id, method, url, body]] as [string, 'GET' | 'POST' | 'DELETE', string, unknown][]),
);

let f: Fixture;
beforeEach(async () => {
  f = await openFixture();
  await f.kv.commit([], [{ remove: 'cluster' }]);
});
afterEach(() => f.app.close());

test('the list is the contract: 30 operations, three of which work before init, each a route of this server', () => {
  const served = routes.map((route) => route.operationId);
  expect(OPERATIONS.length).toBe(30);
  expect(OPERATIONS.filter(([id]) => !served.includes(id))).toEqual([]);
  expect(
    routes
      .filter((route) => route.beforeInit)
      .map((route) => route.operationId)
      .sort(),
  ).toEqual(['get-version', 'init-cluster', 'join-cluster']);
});

test.each(GATED)('%s on a server whose etcd holds no cluster is 409', async (_id, method, url, body) => {
  const answer = await f.call(method, url, body);
  expect([answer.status, answer.headers['goa-error'], answer.body]).toMatchObject([
    409,
    'cluster_not_initialized',
    { name: 'cluster_not_initialized', message: 'this operation is invalid on an uninitialized cluster' },
  ]);
});

test('every operation on a server that belongs to no cluster at all is 409, too', async () => {
  const { deps } = lateFixture();
  const { app } = await checkedApp(deps);
  for (const [id, method, url, body] of GATED) {
    const answer = await app.inject({ method, url, ...(body !== undefined && { payload: body as object }) });
    expect([id, answer.statusCode, answer.headers['goa-error']]).toEqual([id, 409, 'cluster_not_initialized']);
  }
  expect((await app.inject({ url: '/v1/version' })).statusCode).toBe(200);
  expect((await app.inject({ url: '/healthz' })).statusCode).toBe(200);
  expect((await app.inject({ url: '/readyz' })).statusCode).toBe(503);
  await app.close();
});
