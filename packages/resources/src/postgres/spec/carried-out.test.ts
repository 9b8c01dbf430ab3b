import { compose } from '../compose/index.ts';
import { refKey } from '../../engine/resource.ts';
import { CARRIED_OUT } from './carried-out.fixtures.ts';
import { formatIssues } from '../../api/index.ts';
import {
  loadSqlParser,
  nodeSources,
  numberNodes,
  sealOrigins,
  sealPasswords,
  sealRepositories,
  unsupportedFields,
  validateSpec,
  type RepositorySecret,
  type StoredSpec,
} from './index.ts';
import type { HostRecord } from '../../platform/records/host-records.ts';

const hostRecord = (id: string): HostRecord => ({
  id,
  dataDir: '/data',
  swarmNodeId: 'node',
  controlAvailable: true,
  peerAddresses: [],
  clientAddresses: [],
  cpus: 8,
  memoryBytes: 2 ** 35,
  images: ['17.6', '18.1'].map((postgresVersion) => ({
    postgresVersion,
    id: `sha256:${postgresVersion}`,
    hardens: true,
  })),
  replicatorImages: [{ id: 'sha256:replicator', hash: '' }],
  components: {},
  seenAt: '',
});
const hosts = ['host-1', 'host-2'].map(hostRecord);

const orchestratorOpts = () => ({
  swarm: {
    extra_volumes: [{ host_path: '/srv/a', destination_path: '/mnt/a' }],
    extra_networks: [{ id: 'a', aliases: ['a'], driver_opts: { a: 'b' } }],
    extra_labels: { team: 'a' },
  },
});
/** A repository of the type that the field is about. */
function repository(leaf: string) {
  if (leaf.includes('.s3_')) return { type: 's3', s3_bucket: 'backups' };
  if (leaf.includes('.gcs_')) return { type: 'gcs', gcs_bucket: 'backups' };
  if (leaf.includes('.azure_'))
    return { type: 'azure', azure_account: 'account', azure_container: 'backups', azure_key: 'key' };
  return { type: 'posix', base_path: '/backups' };
}
const schedule = { id: 'nightly', type: 'full', cron_expression: '0 2 * * *' };
const backups = (leaf: string) =>
  leaf.includes('backup_config')
    ? { backup_config: { repositories: [repository(leaf)], schedules: [{ ...schedule }] } }
    : {};
const begins = (leaf: string) =>
  leaf.includes('restore_config')
    ? {
        restore_config: {
          source_database_id: 'source',
          source_node_name: 'n1',
          source_database_name: 'shop',
          repository: repository(leaf),
        },
      }
    : {};
const sample = (onNode: boolean, leaf = '') => ({
  database_name: 'shop',
  postgres_version: '17.6',
  database_users: [{ username: 'app', password: 'a', db_owner: true, attributes: ['LOGIN'], roles: ['pg_monitor'] }],
  scripts: { post_init: ['SELECT 1'], post_database_create: ['SELECT 1'] },
  ...(onNode ? {} : { orchestrator_opts: orchestratorOpts() }),
  ...(onNode ? {} : { ...backups(leaf), ...begins(leaf) }),
  nodes: [
    {
      name: 'n1',
      host_ids: ['host-1'],
      ...(onNode ? { orchestrator_opts: orchestratorOpts(), ...backups(leaf), ...begins(leaf) } : {}),
    },
    ...(leaf === 'nodes[].source_node' ? ['n2', 'n3'].map((name) => ({ name, host_ids: ['host-1'] })) : []),
  ],
});

/** Sets the value at `nodes[].host_ids[]`; `[]` is the first position. */
function withValue(spec: unknown, leaf: string, value: unknown): unknown {
  const keys = leaf.replaceAll('[]', '.0').split('.');
  const last = keys.pop() ?? '';
  let at = spec as Record<string, unknown>;
  keys.forEach((key, i) => {
    at[key] ??= (keys[i + 1] ?? last) === '0' ? [] : {};
    at = at[key] as Record<string, unknown>;
  });
  at[last] = value;
  return spec;
}

const verifiers = sealPasswords({
  database_name: 'x',
  nodes: [],
  database_users: [{ username: 'app', password: 'a' }],
}).verifiers;

/** Credentials that were seen before keep their version. */
const known = new Map<string, RepositorySecret>();

const seen: { stored?: StoredSpec; secrets: Map<string, RepositorySecret> } = { secrets: new Map() };
const sourceOf = () => ({ credentials: new Map<string, RepositorySecret>(), changes: [] });

function resources(input: unknown): Map<string, unknown> {
  const result = validateSpec(input);
  if ('issues' in result) throw new Error(formatIssues(result.issues));
  expect(unsupportedFields(result.spec)).toEqual([]);
  const begun = sealOrigins(result.spec, { databaseId: 'hello', sourceOf, before: seen.stored, secrets: seen.secrets });
  seen.stored = { spec: begun.spec, passwordVersions: {}, restoreOrigins: begun.origins };
  for (const [name, secret] of begun.secrets) seen.secrets.set(name, secret);
  const { spec, facts, secrets } = sealRepositories(begun.spec, known);
  for (const [key, secret] of secrets) known.set(key, secret);
  const stored = {
    ...sealPasswords(spec, verifiers).stored,
    ...{ repositorySecrets: facts, restoreOrigins: begun.origins, nodeSources: nodeSources(spec) },
    nodeNumbers: numberNodes(spec) ?? { current: {}, given: [] },
  };
  return new Map(
    compose(stored, { databaseId: 'hello', hosts }).map(({ ref, spec, executor }) => [refKey(ref), { spec, executor }]),
  );
}

beforeAll(loadSqlParser);

it('the same spec gives the same resources', () => {
  expect(resources(sample(true))).toEqual(resources(sample(true)));
});

it.each(Object.entries(CARRIED_OUT))('%s changes what is made', (leaf, value) => {
  const onNode = leaf.startsWith('nodes[].');
  const before = resources(sample(onNode, leaf));
  expect(resources(sample(onNode, leaf))).toEqual(before);
  const after = resources(withValue(sample(onNode, leaf), leaf, value));
  expect(after).not.toEqual(before);
});
