import { formatIssues } from '../../api/index.ts';
import { loadSqlParser, validateSpec } from './index.ts';

type Input = Record<string, unknown>;
const node = { name: 'n1', host_ids: ['host-1'] };
const base = { database_name: 'shop', nodes: [node] };
const problems = (more: Input): string => {
  const result = validateSpec({ ...base, ...more });
  return 'issues' in result ? formatIssues(result.issues) : '';
};
const nodes = (...list: Input[]): Input => ({ nodes: list });
const backup = (repository: Input): Input => ({ backup_config: { repositories: [repository] } });
const restore = (more: Input = {}): Input => ({
  source_database_id: 'a',
  source_node_name: 'n1',
  source_database_name: 'b',
  repository: { type: 'posix', base_path: '/b' },
  ...more,
});
const ID =
  'valid IDs must be 1-36 characters long, contain only lowercase letters, digits, and hyphens, start and end with a letter or digit, and not contain two consecutive hyphens';

beforeAll(loadSqlParser);

describe('rules of the spec', () => {
  it.each<[Input, string]>([
    [{ cpus: 'x' }, 'cpus: failed to parse CPUs: "x" is not a number of cores such as "2", "1.5" or "500m"'],
    [{ memory: '1XB' }, 'memory: failed to parse bytes: "1XB" is not a size such as "512MiB" or "4GB"'],
    [
      nodes({ ...node, cpus: '1.2345' }),
      'nodes[0].cpus: failed to parse CPUs: "1.2345" is not a number of cores such as "2", "1.5" or "500m"',
    ],
    [
      { port: 5432, patroni_port: 5432 },
      "duplicate ports allocated on host 'host-1': '5432' duplicated in: port, patroni_port",
    ],
    [
      { port: 5432, ...nodes(node, { name: 'n2', host_ids: ['host-1'], port: 0 }) },
      "duplicate ports allocated on host 'host-1': '5432' duplicated in: port, port",
    ],
    [
      nodes({ ...node, port: 1 }, { name: 'n2', host_ids: ['host-2', 'host-1'], port: 1 }),
      "duplicate ports allocated on host 'host-1': '1' duplicated in: nodes[0].port, nodes[1].port",
    ],
    [nodes(node, { name: 'n2', host_ids: ['host-1'] }), ''],
    [
      { database_users: [{ username: 'a' }, { username: 'a' }] },
      'database_users[1]: usernames must be unique within a database',
    ],
    [
      {
        database_users: [
          { username: 'a', db_owner: true },
          { username: 'b', db_owner: true },
        ],
      },
      'database_users[1]: cannot have multiple users with db_owner = true',
    ],
    [
      { scripts: { post_database_create: ['SELECT 1; SELECT', 'SELECT (', ''] } },
      'scripts.post_database_create[2]: must be 1 to 1024 characters long',
    ],
    [
      { scripts: { post_database_create: ['SELECT 1; SELECT', 'SELECT ('] } },
      'scripts.post_database_create[1]: failed to parse SQL statement: syntax error at end of input',
    ],
    [
      { ...nodes(node, { name: 'n2', host_ids: ['h'] }), postgresql_conf: { Sync_Replication_Slots: 'off' } },
      'postgresql_conf[Sync_Replication_Slots]: must be on in a database with several nodes: they could not read on where a replica takes over',
    ],
    [
      nodes(node, { name: 'n2', host_ids: ['h'], postgresql_conf: { hot_standby_feedback: false } }),
      'nodes[1].postgresql_conf[hot_standby_feedback]: must be on in a database with several nodes: they could not read on where a replica takes over',
    ],
    [{ postgresql_conf: { hot_standby_feedback: false, sync_replication_slots: 'off' } }, ''],
    [nodes(node, node), 'nodes[1]: node names must be unique within a database'],
    [
      nodes(node, { name: 'n2', host_ids: ['h'], source_node: 'n9' }),
      'nodes[1].source_node: source node does not exist',
    ],
    [
      nodes(
        { ...node, source_node: 'n2' },
        { name: 'n2', host_ids: ['h'], source_node: 'n3' },
        { name: 'n3', host_ids: ['h'] },
      ),
      'nodes[0].source_node: source node must refer to an existing node',
    ],
    [nodes({ ...node, source_node: 'n1' }), 'nodes[0].source_node: a node cannot use itself as a source node'],
    [
      nodes(node, { name: 'n2', host_ids: ['h'], source_node: 'n1', restore_config: restore() }),
      'nodes[1].source_node: specify either source_node or restore_config',
    ],
    [nodes({ name: 'n1', host_ids: ['a', 'B', 'a--b'] }), `nodes[0].host_ids[1]: ${ID}\nnodes[0].host_ids[2]: ${ID}`],
    [nodes({ name: 'n1', host_ids: ['a', 'a'] }), 'nodes[0].host_ids[1]: host IDs must be unique within a node'],
    [
      { postgresql_conf: { shared_preload_libraries: 1 } },
      'postgresql_conf[shared_preload_libraries]: "shared_preload_libraries" must be a string',
    ],
    [
      nodes({ ...node, postgresql_conf: { shared_preload_libraries: 'a, spocks' } }),
      'nodes[0].postgresql_conf[shared_preload_libraries]: "spock" must be included in shared_preload_libraries',
    ],
    [{ postgresql_conf: { shared_preload_libraries: 'a, spock ' } }, ''],
    [
      { pg_ident_conf: ['a b'] },
      'pg_ident_conf[0]: invalid pg_ident entry "a b": pg_ident entry requires map-name, system-username, and postgres-username',
    ],
    [
      nodes({ ...node, pg_hba_conf: ['x'] }),
      'nodes[0].pg_hba_conf[0]: invalid pg_hba entry "x": unknown connection type "x"',
    ],
    [
      { orchestrator_opts: { swarm: { extra_labels: { 'pgedge.x': '1' } } } },
      'orchestrator_opts.swarm.extra_labels[pgedge.x]: labels starting with "pgedge." are reserved for system use',
    ],
    [{ orchestrator_opts: {} }, ''],
    [{ orchestrator_opts: { swarm: { security: { pids_limit: 356, writable_root: true } } } }, ''],
    [
      { orchestrator_opts: { swarm: { security: { pids_limit: 355 } } }, postgresql_conf: { Max_Connections: 100 } },
      'orchestrator_opts.swarm.security.pids_limit: must be at least 356: max_connections, and 256 for everything else',
    ],
    [
      nodes({
        ...node,
        orchestrator_opts: { swarm: { security: { pids_limit: 300 } } },
        postgresql_conf: { max_connections: '50' },
      }),
      'nodes[0].orchestrator_opts.swarm.security.pids_limit: must be at least 306: max_connections, and 256 for everything else',
    ],
    [
      { orchestrator_opts: { swarm: { security: { capabilities: ['NET_ADMIN'] } } } },
      'orchestrator_opts.swarm.security.capabilities: unknown field',
    ],
    [{ database_users: [{ username: 'a', attributes: ['login', 'CreateDB'] }] }, ''],
    [
      { database_users: [{ username: 'a', attributes: ['ROOT'] }] },
      'database_users[0].attributes[0]: unsupported role attribute "ROOT"',
    ],
    [
      { database_users: Array.from({ length: 17 }, (_, i) => ({ username: `u${i}` })) },
      'database_users: must have at most 16 items',
    ],
    [
      { postgresql_conf: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`a.b${i}`, 1])) },
      'postgresql_conf: must have at most 64 entries',
    ],
    [{ postgres_version: '17' }, 'postgres_version: must be a Postgres version such as "17.6"'],
    [nodes({ ...node, name: 'xn1y' }), 'nodes[0].name: must be "n" followed by a number, such as "n1"'],
  ])('%j', (more, text) => expect(problems(more)).toBe(text));
});

describe('rules of repositories', () => {
  it.each<[Input, string]>([
    [backup({ type: 'ftp' }), "backup_config.repositories[0].type: unsupported repo type 'ftp'"],
    [backup({ type: 's3' }), 'backup_config.repositories[0].s3_bucket: s3_bucket is required for s3 repositories'],
    [backup({ type: 'gcs' }), 'backup_config.repositories[0].gcs_bucket: gcs_bucket is required for gcs repositories'],
    [
      backup({ type: 'azure', azure_account: 'acc', azure_container: 'con' }),
      'backup_config.repositories[0].azure_key: azure_key is required for azure repositories',
    ],
    [
      backup({ type: 'posix' }),
      'backup_config.repositories[0].base_path: base_path is required for posix repositories',
    ],
    [
      backup({ type: 'cifs', base_path: 'x' }),
      'backup_config.repositories[0].base_path: base_path must be absolute for cifs repositories',
    ],
    [
      backup({ type: 'posix', base_path: '/x', custom_options: { A: '1' } }),
      'backup_config.repositories[0].custom_options[A]: invalid option name',
    ],
    [backup({ type: 'posix', base_path: '/x', id: 'A' }), `backup_config.repositories[0].id: ${ID}`],
    [backup({ type: 'posix', base_path: '/x' }), ''],
    [{ restore_config: restore({ source_database_id: 'A' }) }, `restore_config.source_database_id: ${ID}`],
    [
      { restore_config: restore({ repository: { type: 'posix' } }) },
      'restore_config.repository.base_path: base_path is required for posix repositories',
    ],
    [
      { restore_config: restore({ restore_options: { 'a b': '' } }) },
      'restore_config.restore_options[a b]: invalid option name',
    ],
    [
      nodes({ ...node, ...backup({ type: 's3' }) }),
      'nodes[0].backup_config.repositories[0].s3_bucket: s3_bucket is required for s3 repositories',
    ],
    [backup({ type: 's3', s3_bucket: 'abc', gcs_key: '#' }), 'backup_config.repositories[0].gcs_key: must be base64'],
  ])('%j', (more, text) => expect(problems(more)).toBe(text));
});
