import type { EntityState } from '@windlass/resources/entity';
import { toApiDatabase } from './view.ts';
import type { DatabaseRecord, InstanceStatus } from '@windlass/resources/postgres/records';

const NOW = new Date('2026-01-02T03:04:10.000Z');
const record = (state: EntityState): DatabaseRecord => ({
  id: 'shop',
  createdAt: '2026-01-02T03:00:00.123Z',
  updatedAt: '2026-01-02T03:01:00.456Z',
  state,
});
const status = (more: Partial<InstanceStatus> = {}): InstanceStatus => ({
  instanceId: 'shop-n1-689qacsi',
  databaseId: 'shop',
  nodeName: 'n1',
  hostId: 'host-1',
  createdAt: '2026-01-02T03:00:01.000Z',
  sampledAt: '2026-01-02T03:04:05.678Z',
  container: 'running',
  writable: true,
  role: 'primary',
  patroniState: 'running',
  postgresVersion: '17.6',
  port: 5433,
  addresses: ['192.0.2.1'],
  ...more,
});
const stale = { sampledAt: '2026-01-02T03:03:59.999Z' };
const view = (state: EntityState, ...statuses: InstanceStatus[]) => toApiDatabase(record(state), statuses, NOW);

test.each([
  ['available only while every instance takes writes', [status()], 'available'],
  ['degraded while one does not', [status(), status({ instanceId: 'b', writable: false })], 'degraded'],
  ['degraded while one is stopped', [status({ writable: false, container: 'stopped' })], 'degraded'],
  ['degraded when one of two is not heard of', [status(), status({ instanceId: 'b', ...stale })], 'degraded'],
  ['degraded while nobody may take over from its primary', [status({ unprotected: true })], 'degraded'],
  [
    'degraded while its Postgres serves and the database is gone',
    [status({ conditions: [{ type: 'database_missing', message: 'it was dropped', since: NOW.toISOString() }] })],
    'degraded',
  ],
  ['unknown when none is heard of', [status(stale)], 'unknown'],
  ['unknown without any instance', [], 'unknown'],
])('a database is %s', (_what, statuses, state) => {
  expect(view('available', ...statuses).state).toBe(state);
});

test.each(['creating', 'modifying', 'deleting', 'failed', 'restoring'] as const)(
  '%s is not changed by health',
  (state) => {
    expect([view(state, status()).state, view(state).state]).toEqual([state, state]);
  },
);

test.each([
  ['takes writes', {}, 'available', 'available'],
  ['is being deleted', {}, 'deleting', 'deleting'],
  ['is being made', { writable: false }, 'creating', 'creating'],
  ['has no container', { writable: false, container: 'absent' }, 'available', 'stopped'],
  ['is starting', { writable: false, patroniState: 'starting' }, 'available', 'modifying'],
  ['crashed', { writable: false, patroniState: 'crashed' }, 'available', 'degraded'],
  ['was not heard of for ten seconds', stale, 'available', 'unknown'],
] as const)('an instance that %s', (_what, more, database, state) => {
  expect(view(database, status(more)).instances?.[0]?.state).toBe(state);
});

test('an instance says how to connect and what runs', () => {
  expect(view('available', status({ pendingRestart: true })).instances).toEqual([
    {
      id: 'shop-n1-689qacsi',
      host_id: 'host-1',
      node_name: 'n1',
      created_at: '2026-01-02T03:00:01Z',
      updated_at: '2026-01-02T03:04:05Z',
      status_updated_at: '2026-01-02T03:04:05Z',
      state: 'available',
      connection_info: { addresses: ['192.0.2.1'], port: 5433 },
      postgres: { version: '17.6', patroni_state: 'running', role: 'primary', pending_restart: true },
    },
  ]);
});

test('without a published port there is nothing to connect to', () => {
  expect(view('available', status({ port: undefined })).instances?.[0]).not.toHaveProperty('connection_info');
});

test('a status too old proves nothing, so nothing of it is shown', () => {
  expect(Object.keys(view('available', status(stale)).instances?.[0] ?? {})).toEqual([
    'id',
    'host_id',
    'node_name',
    'created_at',
    'updated_at',
    'state',
  ]);
});

test('the error of an instance is shown while it is not available', () => {
  const broken = status({ writable: false, container: 'stopped', error: 'instance stopped: exit 137' });
  expect(view('available', broken).instances?.[0]).toMatchObject({ postgres: {}, error: 'instance stopped: exit 137' });
  expect(view('available', status({ error: 'old' })).instances?.[0]).not.toHaveProperty('error');
});
