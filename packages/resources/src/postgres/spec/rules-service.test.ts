import { formatIssues } from '../../api/index.ts';
import { loadSqlParser, validateSpec } from './index.ts';

type Input = Record<string, unknown>;
const service = {
  service_id: 'api',
  service_type: 'postgrest',
  version: 'latest',
  host_ids: ['host-1'],
  connect_as: 'app',
  config: { db_anon_role: 'web' },
};
const problems = (more: Input, context = {}): string => {
  const spec = {
    database_name: 'shop',
    nodes: [{ name: 'n1', host_ids: ['host-1'] }],
    database_users: [{ username: 'app' }],
    services: [{ ...service, ...more }],
  };
  const result = validateSpec(spec, context);
  return 'issues' in result ? formatIssues(result.issues).replaceAll('services[0].', '') : '';
};
const mcp = (config: Input, more: Input = {}): Input => ({ service_type: 'mcp', config, ...more });
const pipeline = {
  name: 'p',
  tables: [{ table: 't', text_column: 'a', vector_column: 'b' }],
  embedding_llm: { provider: 'ollama', model: 'm' },
  rag_llm: { provider: 'openai', model: 'm', api_key: 'k' },
};
const rag = (more: Input = {}, config: Input = {}): Input => ({
  service_type: 'rag',
  config: { pipelines: [{ ...pipeline, ...more }], ...config },
});

beforeAll(loadSqlParser);

describe('rules of services', () => {
  it.each<[Input, string]>([
    [{}, ''],
    [{ service_type: 'x' }, 'service_type: unsupported service type "x" (supported: mcp, postgrest, rag)'],
    [{ version: 'v1' }, "version: version must be in semver format (e.g., '1.0.0') or 'latest'"],
    [{ host_ids: ['a', 'a'] }, 'host_ids[1]: host IDs must be unique within a service'],
    [{ connect_as: '' }, 'connect_as: connect_as is required'],
    [{ connect_as: 'x' }, 'connect_as: connect_as "x" does not match any database_users entry'],
    [
      { database_connection: { target_nodes: ['', 'n2', 'n1', 'n1'] } },
      'database_connection.target_nodes[0]: node name must not be empty\ndatabase_connection.target_nodes[1]: node "n2" does not exist in the database spec\ndatabase_connection.target_nodes[3]: duplicate node name "n1"',
    ],
    [
      { database_connection: { target_session_attrs: 'x' } },
      'database_connection.target_session_attrs: invalid target_session_attrs "x" (must be one of: primary, prefer-standby, standby, read-write, any)',
    ],
    [
      { orchestrator_opts: { swarm: { extra_volumes: [{ host_path: '/a', destination_path: '/b' }] } } },
      'orchestrator_opts.swarm.extra_volumes: extra_volumes is not supported for services',
    ],
    [
      { orchestrator_opts: { swarm: { extra_networks: [{ id: 'a', driver_opts: { a: 'b' } }] } } },
      'orchestrator_opts.swarm.extra_networks[0].driver_opts: driver_opts is not supported for services',
    ],
    [
      mcp({ allow_writes: true }, { database_connection: { target_session_attrs: 'any' } }),
      "database_connection.target_session_attrs: allow_writes requires target_session_attrs 'primary' or 'read-write', got 'any'",
    ],
  ])('%j', (more, text) => expect(problems(more)).toBe(text));
  it('limits the length of both ids', () => {
    expect(problems({ service_id: 's'.repeat(30) }, { databaseId: 'd'.repeat(24) })).toBe(
      'service_id: database ID and service ID combined must not exceed 53 characters (got 54)',
    );
    expect(problems({ service_id: 's'.repeat(30) }, { databaseId: 'd'.repeat(23) })).toBe('');
  });
  it('refuses what is only for the start of a service', () => {
    expect(problems(mcp({ init_token: 'x' }))).toBe('');
    expect(problems(mcp({ init_token: 'x' }), { knownServiceIds: ['api'] })).toBe(
      'config: init_token can only be set during initial provisioning',
    );
  });
});

describe('settings of services', () => {
  it.each<[Input, string]>([
    [{ config: {} }, 'db_anon_role is required'],
    [{ config: { db_anon_role: 1 } }, 'db_anon_role must be a string'],
    [{ config: { db_anon_role: '' } }, 'db_anon_role must not be empty'],
    [{ config: { ...service.config, x: 1 } }, 'unknown config key "x"'],
    [{ config: { ...service.config, x: 1, constructor: 1 } }, 'unknown config keys: "constructor", "x"'],
    [{ config: { ...service.config, db_pool: 31 } }, 'db_pool must be between 1 and 30'],
    [{ config: { ...service.config, db_pool: 1.5 } }, 'db_pool must be an integer'],
    [{ config: { ...service.config, max_rows: 0 } }, 'max_rows must be between 1 and 10000'],
    [{ config: { ...service.config, jwt_secret: 'short' } }, 'jwt_secret must be at least 32 characters'],
    [mcp({}), ''],
    [mcp({ llm_model: 'm' }), 'llm_model must not be set unless llm_enabled is true'],
    [
      mcp({ llm_enabled: true, llm_model: 'm', llm_provider: 'openai' }),
      'openai_api_key is required when llm_provider is "openai"',
    ],
    [
      mcp({ llm_enabled: true, llm_model: 'm', llm_provider: 'ollama', ollama_url: 'u', llm_temperature: 3 }),
      'llm_temperature must be between 0 and 2',
    ],
    [mcp({ embedding_provider: 'ollama', embedding_model: 'm', ollama_url: 'u' }), ''],
    [
      mcp({ embedding_provider: 'voyage', embedding_model: 'm' }),
      'embedding_api_key is required when embedding_provider is "voyage"',
    ],
    [
      mcp({ kb_enabled: true, kb_embedding_provider: 'ollama', kb_embedding_model: 'm', kb_embedding_api_key: 'k' }),
      'kb_embedding_provider "ollama" is not yet supported',
    ],
    [
      mcp({
        kb_enabled: true,
        kb_embedding_provider: 'voyage',
        kb_embedding_model: 'm',
        kb_embedding_api_key: 'k',
        kb_database_host_path: '/a/../b',
      }),
      'kb_database_host_path must be an absolute, clean path',
    ],
    [
      mcp({
        init_users: [
          { username: 'a', password: 'b' },
          { username: 'a', password: 'c' },
        ],
      }),
      'init_users: usernames must be unique',
    ],
    [mcp({ pool_max_conns: 0 }), 'pool_max_conns must be greater than 0'],
    [rag(), ''],
    [{ service_type: 'rag', config: {} }, 'pipelines is required and must contain at least one pipeline'],
    [rag({ name: 'A b' }), 'pipelines[0].name must match ^[a-z0-9_][a-z0-9_-]*$'],
    [rag({ nonsense: 1 }), 'invalid config: unknown field "nonsense" in pipelines[0]'],
    [
      rag({ rag_llm: { provider: 'voyage', model: 'm', api_key: 'k' } }),
      'pipelines[0].rag_llm.provider must be one of: anthropic, openai, ollama',
    ],
    [rag({ search: { vector_weight: 2 } }), 'pipelines[0].search.vector_weight must be between 0 and 1'],
    [rag({}, { pipelines: [pipeline, pipeline] }), 'pipelines[1].name "p" is not unique'],
    [rag({}, { defaults: { top_n: 0 } }), 'defaults.top_n must be greater than 0'],
  ])('%j', (more, text) => expect(problems(more).replace(/^config: /, '')).toBe(text));
});
