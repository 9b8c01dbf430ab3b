import { TASK, PRIMARY } from './contract-world.ts';
import { shopSpec } from './fixture.ts';
import { FIRST, KEY, UNDER, type Step, type StringField } from './string-fields.ts';

const token = `PGEDGE-${'0'.repeat(64)}-${'0'.repeat(32)}`;
const PARTS: Readonly<Record<string, string>> = {
  ...{ database_id: 'shop', host_id: 'host-2', node_name: 'n1', instance_id: PRIMARY, username: 'app' },
  ...{ label: '20260101-000000F', task_id: TASK, token_id: 'aaaaaaaaaaaa' },
};

/** What is asked of a database of several nodes. */
const OF_SEVERAL_NODES = ['skip-transaction', 'compare-nodes', 'resync-node', 'get-comparison', 'list-conflicts'];

const restoreConfig = (steps: readonly Step[]) => ({
  ...{ source_database_id: 'old', source_node_name: 'n1', source_database_name: 'app' },
  repository: repositoryFor(steps),
});
/** A repository of the type that the field is about. */
function repositoryFor(steps: readonly Step[]): object {
  const field = steps.find((step) => typeof step === 'string' && /^(s3|gcs|azure)_/.test(step));
  if (typeof field !== 'string') return { type: 'posix', base_path: '/backups' };
  if (field.startsWith('s3')) return { type: 's3', s3_bucket: 'backups', s3_endpoint: 's3.example.com' };
  if (field.startsWith('gcs')) return { type: 'gcs', gcs_bucket: 'backups' };
  return { type: 'azure', azure_account: 'account', azure_container: 'backups', azure_key: 'a2V5' };
}

/** What stands around a field, so that it is the only one that may be wrong. */
const AROUND: Readonly<Record<string, (steps: readonly Step[]) => unknown>> = {
  backup_config: (steps) => ({ repositories: [repositoryFor(steps)] }),
  schedules: () => [{ id: 'nightly', type: 'full', cron_expression: '0 2 * * *' }],
  restore_config: restoreConfig,
  extra_volumes: () => [{ host_path: '/srv/a', destination_path: '/mnt/a' }],
  extra_networks: () => [{ id: 'a' }],
  database_users: () => [{ username: 'app', db_owner: true }],
  services: () => [
    { service_id: 'mcp', service_type: 'mcp', version: 'latest', host_ids: ['host-1'], connect_as: 'app', config: {} },
  ],
};
/** A key of a map whose values are looked at. */
const KEYS: Readonly<Record<string, string>> = {
  ...{ postgresql_conf: 'my.setting', custom_options: 'cipher-pass', restore_options: 'target', driver_opts: 'a' },
  ...{ extra_labels: 'team', annotations: 'why', backup_options: 'process-max', config: 'llm_model' },
};

const ofSpec = { spec: shopSpec };
const BODIES: Readonly<Record<string, (steps: readonly Step[]) => object>> = {
  'create-database': () => ({ id: 'bank', ...ofSpec }),
  'plan-new-database': () => ({ id: 'bank', ...ofSpec }),
  'update-database': () => ofSpec,
  'plan-database': () => ofSpec,
  'apply-upgrade': () => ({ image: 'windlass/postgres:17' }),
  'backup-database-node': () => ({ type: 'full' }),
  'restore-database': (steps) => ({ restore_config: restoreConfig(steps) }),
  'skip-transaction': () => ({ peer: 'n2', lsn: '0/1' }),
  'create-token': () => ({ name: 'x', role: 'viewer' }),
  'join-cluster': () => ({ token, server_urls: ['https://192.0.2.1:3000'] }),
  'get-join-options': () => ({ token, host_id: 'host-9', addresses: ['192.0.2.9'], embedded_etcd_enabled: false }),
  'give-data-key': () => ({ kind: 'database', id: 'shop', key_id: 'x' }),
  'sign-certificate': () => ({ public_key: 'x', common_name: 'x', names: [], days: 1 }),
  'forget-master-key': () => ({ id: 'x' }),
};

export interface HostileRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** A request in which nothing is wrong but, perhaps, the text in this field. */
export function requestWith({ route, where, steps }: StringField, text: string): HostileRequest {
  const [name] = steps as readonly [string];
  const parts = { ...PARTS, ...(OF_SEVERAL_NODES.includes(route.operationId) && { database_id: 'pair' }) };
  const body = structuredClone(BODIES[route.operationId]?.(steps) ?? (route.body && {}));
  if (body && where === 'body') place(body, steps, text);
  return {
    method: route.method,
    url: urlOf(route.url, { ...parts, ...(where === 'path' && { [name]: text }) }) + queryOf(where, name, text),
    body: body && JSON.stringify(body),
    headers: where === 'header' ? { [name]: text } : {},
  };
}

const queryOf = (where: StringField['where'], name: string, text: string): string => {
  if (where !== 'query') return '';
  return `?${name}=${encoded(text)}${name === 'entity_id' ? '&scope=database' : ''}`;
};

/** Half of a pair of surrogates has no encoding; it is sent as what stands for it. */
const encoded = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));

const urlOf = (url: string, parts: Readonly<Record<string, string>>): string =>
  url.replace(/(?<!:):(\w+)(\([^)]*\))?/g, (_all, name: string) => encoded(parts[name] ?? name)).replaceAll('::', ':');

type Holder = Record<string, unknown>;
/** `__proto__` is a key as any other in what is sent. */
const put = (holder: Holder, key: string, value: unknown): void =>
  void Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });

function place(body: object, steps: readonly Step[], text: string): void {
  let at = body as Holder;
  let map = '';
  steps.forEach((step, i) => {
    const key = step === FIRST ? '0' : step === UNDER ? (KEYS[map] ?? 'a') : step === KEY ? text : step;
    if (i === steps.length - 1) return put(at, key, step === KEY ? 'x' : text);
    if (typeof step === 'string') map = step;
    const found = Object.hasOwn(at, key) ? at[key] : undefined;
    put(at, key, found ?? AROUND[key]?.(steps) ?? (steps[i + 1] === FIRST ? [] : {}));
    at = at[key] as Holder;
  });
}

/** What stands in this field of something that was stored; of a key whether it is there. */
export function storedAt(value: unknown, steps: readonly Step[], text: string): unknown {
  let at: unknown = value;
  let map = '';
  for (const step of steps) {
    if (typeof at !== 'object' || at === null) return undefined;
    if (step === KEY) return Object.hasOwn(at, text) ? text : undefined;
    const key = step === FIRST ? '0' : step === UNDER ? (KEYS[map] ?? 'a') : step;
    if (typeof step === 'string') map = step;
    at = Object.hasOwn(at, key) ? (at as Holder)[key] : undefined;
  }
  return at;
}
