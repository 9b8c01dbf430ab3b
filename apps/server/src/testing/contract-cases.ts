import { DomainError } from '@windlass/resources/errors';
import { hostRecords } from '@windlass/resources/platform/records';
import { keys } from '@windlass/resources/store';
import type { ServerDeps } from '../core/deps.ts';
import { changeInstance, changeShop, PRIMARY, REPLICA, TASK } from './contract-world.ts';
import { hostNow, shopSpec, type Fixture } from './fixture.ts';
import { taskRecords, type TaskRecord } from '@windlass/resources/tasks';

type Method = 'GET' | 'POST' | 'DELETE';
type Request = readonly [method: Method, url: string, body?: unknown];

/** One request to one operation in one state of the world, and the answer the contract asks for. */
export interface ContractCase {
  readonly operation: string;
  readonly what: string;
  readonly request: Request;
  /** `ok` with the keys of the body, or the name of the error. */
  readonly answer: { readonly keys: readonly string[]; readonly status?: number } | { readonly error: string };
  readonly message?: string;
  prepare?(f: Fixture): Promise<unknown>;
  readonly deps?: Partial<ServerDeps>;
  /** With a token that was just given out. */
  readonly freshToken?: boolean;
}

const BAD = 'No_Good';
const OTHER_TASK = '0199a7c4-5b1e-7c31-9f0a-2d6b8a4e1f12';
const token = `PGEDGE-${'0'.repeat(64)}-${'0'.repeat(32)}`;
const joinRequest = { token, host_id: 'host-9', addresses: ['192.0.2.9'], embedded_etcd_enabled: false };
const joinToken = { token, server_urls: ['https://192.0.2.1:3000'] };
const db = '/v1/databases/shop';
const instance = `${db}/instances/${PRIMARY}`;
const none = `${db}/instances/shop-n1-none`;
const update = { spec: { ...shopSpec, nodes: [{ name: 'n1', host_ids: ['host-1', 'host-2'] }] } };
const invalidSpec = { spec: { ...shopSpec, nodes: [{ name: 'n1', host_ids: ['host-9'] }] } };

const uninitialise = (f: Fixture) => f.kv.commit([], [{ remove: keys.cluster }]);
const busy = (f: Fixture) => changeShop(f, { state: 'modifying', openTaskId: OTHER_TASK });
const working = (f: Fixture) => changeShop(f, { openTaskId: OTHER_TASK });
const running = async (f: Fixture) => {
  const key = taskRecords.key('database', 'shop', TASK);
  const task = (await f.kv.get(key))?.value as TaskRecord;
  await f.kv.commit([], [{ put: key, value: { ...task, status: 'running', completedAt: undefined } }]);
};
const stopped = (f: Fixture) => changeInstance(f, PRIMARY, { container: 'stopped', writable: false, role: undefined });

type Row = readonly [what: string, request: Request, answer: readonly string[] | string, prepare?: ContractCase['prepare'], more?: Partial<ContractCase>]; // prettier-ignore
const of = (operation: string, ...rows: readonly Row[]): ContractCase[] =>
  rows.map(([what, request, answer, prepare, more]) => ({
    operation,
    what,
    request,
    answer: typeof answer === 'string' ? { error: answer } : { keys: answer },
    ...(prepare && { prepare }),
    ...more,
  }));

const TASK_KEYS = ['created_at', 'database_id', 'entity_id', 'scope', 'status', 'task_id', 'type'];
const HOST_KEYS = ['client_addresses', 'cohort', 'cpus', 'data_dir', 'default_pgedge_version', 'etcd_mode', 'id', 'memory', 'orchestrator', 'peer_addresses', 'status', 'supported_pgedge_versions']; // prettier-ignore
const LOG_KEYS = ['entity_id', 'entries', 'last_entry_id', 'scope', 'task_id', 'task_status'];
const withJoin = (join: ServerDeps['join']) => ({ deps: { join } });

const cluster = [
  ...of(
    'init-cluster',
    ['a new cluster', ['GET', '/v1/cluster/init?cluster_id=c9'], ['server_urls', 'token'], uninitialise],
    ['a second time', ['GET', '/v1/cluster/init'], 'cluster_already_initialized'],
    ['a bad id', ['GET', `/v1/cluster/init?cluster_id=${BAD}`], 'invalid_input', uninitialise],
    ['without an etcd of its own', ['GET', '/v1/cluster/init'], 'operation_not_supported', uninitialise, withJoin(() => Promise.resolve())], // prettier-ignore
  ),
  ...of(
    'join-cluster',
    ['a cluster', ['POST', '/v1/cluster/join', joinToken], [], uninitialise, { ...withJoin(() => Promise.resolve()), answer: { keys: [], status: 204 } }], // prettier-ignore
    ['a second time', ['POST', '/v1/cluster/join', joinToken], 'cluster_already_initialized'],
    ['a token the other refuses', ['POST', '/v1/cluster/join', joinToken], 'invalid_join_token', uninitialise, withJoin(() => Promise.reject(new DomainError('invalid_join_token')))], // prettier-ignore
    ['with an etcd of its own', ['POST', '/v1/cluster/join', joinToken], 'invalid_input', uninitialise],
  ),
  ...of('get-join-token', ['any time', ['GET', '/v1/cluster/join-token'], ['server_urls', 'token']]),
  ...of(
    'get-join-options',
    ['a token nobody gave', ['POST', '/v1/internal/cluster/join-options', joinRequest], 'invalid_join_token'],
    ['a host that is there', ['POST', '/v1/internal/cluster/join-options', { ...joinRequest, host_id: 'host-1' }], 'invalid_input', undefined, { freshToken: true }], // prettier-ignore
    ['a good token', ['POST', '/v1/internal/cluster/join-options', joinRequest], ['credentials', 'leader', 'windlass'], undefined, { freshToken: true }], // prettier-ignore
  ),
  ...of('get-cluster', ['any time', ['GET', '/v1/cluster'], ['hosts', 'id', 'status']]),
];

const hosts = [
  ...of('list-hosts', ['any time', ['GET', '/v1/hosts'], ['hosts']]),
  ...of(
    'get-host',
    ['one that is there', ['GET', '/v1/hosts/host-1'], HOST_KEYS],
    ['a bad id', ['GET', `/v1/hosts/${BAD}`], 'invalid_input'],
    ['one that is not there', ['GET', '/v1/hosts/host-9'], 'not_found'],
  ),
  ...of(
    'remove-host',
    ['an empty one', ['DELETE', '/v1/hosts/host-3'], ['task', 'update_database_tasks']],
    ['one that carries instances, by force', ['DELETE', '/v1/hosts/host-2?force=true'], ['task', 'update_database_tasks']], // prettier-ignore
    ['a bad id', ['DELETE', `/v1/hosts/${BAD}`], 'invalid_input'],
    ['one that carries instances', ['DELETE', '/v1/hosts/host-2'], 'invalid_input', undefined, { message: 'cannot remove host with running instances' }], // prettier-ignore
    ['its own', ['DELETE', '/v1/hosts/host-3'], 'invalid_input', undefined, { deps: { hostId: 'host-3' }, message: 'a host cannot remove itself from the cluster' }], // prettier-ignore
    ['one that is not there', ['DELETE', '/v1/hosts/host-9'], 'not_found', undefined, { message: 'no host found with the given ID' }], // prettier-ignore
    ['one whose database is busy', ['DELETE', '/v1/hosts/host-2?force=true'], 'database_not_modifiable', busy],
  ),
];

const databases = [
  ...of('list-databases', ['any time', ['GET', '/v1/databases'], ['databases']]),
  ...of(
    'create-database',
    ['a new one', ['POST', '/v1/databases', { id: 'bank', spec: shopSpec }], ['database', 'task']],
    ['one that is there', ['POST', '/v1/databases', { id: 'shop', spec: shopSpec }], 'database_already_exists'],
    ['a bad id', ['POST', '/v1/databases', { id: BAD, spec: shopSpec }], 'invalid_input'],
    ['an unknown host', ['POST', '/v1/databases', invalidSpec], 'invalid_input', undefined, { message: 'failed to validate database spec: got invalid host ids: host-9' }], // prettier-ignore
  ),
  ...of(
    'get-database',
    ['one that is there', ['GET', db], ['created_at', 'id', 'instances', 'nodes', 'revision', 'spec', 'state', 'updated_at']], // prettier-ignore
    ['a bad id', ['GET', `/v1/databases/${BAD}`], 'invalid_input'],
    ['one that is not there', ['GET', '/v1/databases/none'], 'not_found', undefined, { message: 'database not found' }],
  ),
  ...of(
    'update-database',
    ['a change', ['POST', `${db}?force_update=true&remove_host=host-3`, update], ['database', 'task']],
    ['a bad id', ['POST', `/v1/databases/${BAD}`, update], 'invalid_input'],
    ['an unknown host, also while busy', ['POST', db, invalidSpec], 'invalid_input', busy],
    ['another name', ['POST', db, { spec: { ...update.spec, database_name: 'other' } }], 'invalid_input'],
    ['one that is not there', ['POST', '/v1/databases/none', update], 'not_found'],
    ['one that is busy', ['POST', db, update], 'database_not_modifiable', busy],
    ['one on which an operation runs', ['POST', db, update], 'operation_already_in_progress', working],
  ),
  ...of(
    'delete-database',
    ['one that is there', ['DELETE', db], ['task']],
    ['by force while busy', ['DELETE', `${db}?force=true`], ['task'], busy],
    ['a bad id', ['DELETE', `/v1/databases/${BAD}`], 'invalid_input'],
    ['one that is not there', ['DELETE', '/v1/databases/none'], 'not_found'],
    ['one that is busy', ['DELETE', db], 'database_not_modifiable', busy],
    ['one on which an operation runs', ['DELETE', db], 'operation_already_in_progress', working],
  ),
];

const upgrade = { image: 'windlass/postgres:17.10' };
const newerImage = async (f: Fixture) => {
  const images = [
    { postgresVersion: '17.10', id: 'sha256:2', references: ['windlass/postgres:17.10'] },
    { postgresVersion: '17.6', id: 'sha256:1', references: ['windlass/postgres:17.6'] },
  ];
  for (const id of ['host-1', 'host-2'])
    await f.kv.commit([], [{ put: hostRecords.key(id), value: hostNow({ id, images }) }]);
};

const upgrades = of(
  'apply-upgrade',
  ['a newer image', ['POST', `${db}/upgrade`, upgrade], ['database', 'task'], newerImage],
  ['a bad id', ['POST', `/v1/databases/${BAD}/upgrade`, upgrade], 'invalid_input'],
  ['an image no host has', ['POST', `${db}/upgrade`, upgrade], 'invalid_input', undefined, { message: 'upgrade not available: image not found in manifest: windlass/postgres:17.10' }], // prettier-ignore
  ['of a database that is not there', ['POST', '/v1/databases/none/upgrade', upgrade], 'not_found'],
  ['of one that is busy', ['POST', `${db}/upgrade`, upgrade], 'database_not_modifiable', busy],
  ['of one on which an operation runs', ['POST', `${db}/upgrade`, upgrade], 'operation_already_in_progress', working],
);

const ofNode = (operation: 'switchover' | 'failover') => {
  const url = `${db}/nodes/n1/${operation}`;
  return of(
    `${operation}-database-node`,
    ['to whom it likes', ['POST', url, {}], ['task']],
    ['to a candidate', ['POST', url, { candidate_instance_id: REPLICA }], ['task']],
    ['a bad id', ['POST', `/v1/databases/${BAD}/nodes/n1/${operation}`, {}], 'invalid_input'],
    ['an unknown database', ['POST', `/v1/databases/none/nodes/n1/${operation}`, {}], 'not_found'],
    ['an unknown candidate', ['POST', url, { candidate_instance_id: 'shop-n1-none' }], 'not_found'],
    ['one that is busy', ['POST', url, {}], 'database_not_modifiable', busy],
    ['one on which an operation runs', ['POST', url, {}], 'operation_already_in_progress', working],
  );
};

const operations = [
  ...ofNode('switchover'),
  ...of('switchover-database-node', ['in the past', ['POST', `${db}/nodes/n1/switchover`, { scheduled_at: '2020-01-01T00:00:00Z' }], 'invalid_input']), // prettier-ignore
  ...ofNode('failover'),
  ...of(
    'restart-instance',
    ['one that runs', ['POST', `${instance}/restart`, {}], ['task']],
    ['one that is stopped', ['POST', `${instance}/restart`, {}], 'invalid_input', stopped],
    [
      'one that is not there',
      ['POST', `${none}/restart`, {}],
      'not_found',
      undefined,
      { message: 'instance not found' },
    ],
  ),
  ...of(
    'stop-instance',
    ['one that runs', ['POST', `${instance}/stop-instance?force=false`], ['task']],
    ['one that is stopped', ['POST', `${instance}/stop-instance`], 'invalid_input', stopped],
    ['one that is not there', ['POST', `${none}/stop-instance`], 'not_found'],
    ['of a busy database', ['POST', `${instance}/stop-instance`], 'database_not_modifiable', busy],
  ),
  ...of(
    'start-instance',
    ['one that is stopped', ['POST', `${instance}/start-instance`], ['task'], stopped],
    ['one that runs', ['POST', `${instance}/start-instance`], 'invalid_input'],
    ['one that is not there', ['POST', `${none}/start-instance`], 'not_found'],
    ['of a busy database', ['POST', `${instance}/start-instance`], 'database_not_modifiable', busy],
  ),
];

const tasksOf = (scope: 'database' | 'host', base: string, log: string, unknown: string) => [
  ...of(
    `list-${scope}-tasks`,
    ['any time', ['GET', `${base}/tasks?limit=1&sort_order=ascending`], ['tasks']],
    ['of nothing', ['GET', `${unknown}/tasks`], ['tasks']],
    ['a bad id', ['GET', `/v1/${scope}s/${BAD}/tasks`], 'invalid_input'],
  ),
  ...of(
    `get-${scope}-task`,
    ['one that is there', ['GET', `${base}/tasks/${TASK}`], [...TASK_KEYS.filter((k) => scope === 'database' || k !== 'database_id'), 'completed_at']], // prettier-ignore
    ['a bad id', ['GET', `/v1/${scope}s/${BAD}/tasks/${TASK}`], 'invalid_input'],
    ['one that is not there', ['GET', `${base}/tasks/${OTHER_TASK}`], 'not_found', undefined, { message: 'no task found with the given ID' }], // prettier-ignore
    ['of nothing', ['GET', `${unknown}/tasks/${TASK}`], 'not_found'],
  ),
  ...of(
    `get-${scope}-task-log`,
    ['one that is there', ['GET', `${base}/tasks/${TASK}/${log}?limit=1`], [...LOG_KEYS, ...(scope === 'database' ? ['database_id'] : [])]], // prettier-ignore
    ['a bad id', ['GET', `/v1/${scope}s/${BAD}/tasks/${TASK}/${log}`], 'invalid_input'],
    ['one that is not there', ['GET', `${base}/tasks/${OTHER_TASK}/${log}`], 'not_found'],
  ),
];

const tasks = [
  ...tasksOf('database', db, 'log', '/v1/databases/none'),
  ...tasksOf('host', '/v1/hosts/host-1', 'logs', '/v1/hosts/host-9'),
  ...of(
    'cancel-database-task',
    ['one that runs', ['GET', `${db}/tasks/${TASK}/cancel`], TASK_KEYS, running],
    ['one that has ended', ['GET', `${db}/tasks/${TASK}/cancel`], 'invalid_input', undefined, { message: 'task must be running or pending to be cancelled' }], // prettier-ignore
    ['one that is not there', ['GET', `${db}/tasks/${OTHER_TASK}/cancel`], 'invalid_input', undefined, { message: 'task is not associated with database ' }], // prettier-ignore
    ['what is no id of a task', ['GET', `${db}/tasks/seven/cancel`], 'invalid_input'],
    ['a bad id', ['GET', `/v1/databases/${BAD}/tasks/${TASK}/cancel`], 'invalid_input'],
  ),
  ...of(
    'list-tasks',
    ['of everything', ['GET', '/v1/tasks'], ['tasks']],
    ['of one entity', ['GET', '/v1/tasks?scope=database&entity_id=shop'], ['tasks']],
    ['of an entity of no scope', ['GET', '/v1/tasks?entity_id=shop'], 'invalid_input', undefined, { message: 'entity_id requires scope to be set' }], // prettier-ignore
  ),
  ...of('get-version', ['any time', ['GET', '/v1/version'], ['arch', 'revision', 'revision_time', 'version']]),
];

export const contractCases: readonly ContractCase[] = [
  ...cluster,
  ...hosts,
  ...databases,
  ...upgrades,
  ...operations,
  ...tasks,
];
