import { isCleanPath } from '../../api/texts.ts';
import {
  between,
  isMap,
  oneOf,
  positive,
  requiredKeys,
  typeRules,
  unknownKeys,
  type Config,
} from './service-fields.ts';

const DISABLE = [
  'query_database',
  'get_schema_info',
  'similarity_search',
  'execute_explain',
  'generate_embedding',
  'search_knowledgebase',
  'count_rows',
];
const TYPES = {
  llm_enabled: 'boolean', llm_provider: 'string', llm_model: 'string', anthropic_api_key: 'string', openai_api_key: 'string', ollama_url: 'string',
  llm_temperature: 'number', llm_max_tokens: 'integer', pool_max_conns: 'integer', allow_writes: 'boolean', init_token: 'string',
  embedding_provider: 'string', embedding_model: 'string', embedding_api_key: 'string',
  kb_enabled: 'boolean', kb_embedding_provider: 'string', kb_embedding_model: 'string', kb_embedding_api_key: 'string', kb_database_host_path: 'string',
  ...Object.fromEntries(DISABLE.map((tool) => [`disable_${tool}`, 'boolean' as const])),
} as const; // prettier-ignore
const PROVIDER_KEY: Readonly<Record<string, string>> = {
  anthropic: 'anthropic_api_key',
  openai: 'openai_api_key',
  ollama: 'ollama_url',
};
const LLM_ONLY = [
  'llm_provider',
  'llm_model',
  'anthropic_api_key',
  'openai_api_key',
  'llm_temperature',
  'llm_max_tokens',
];

const given = (config: Config, keys: readonly string[]): string[] => keys.filter((key) => Object.hasOwn(config, key));

function llmRules(config: Config): string[] {
  if (config.llm_enabled !== true) {
    const url = config.embedding_provider === 'ollama' ? [] : ['ollama_url'];
    return given(config, [...LLM_ONLY, ...url]).map((key) => `${key} must not be set unless llm_enabled is true`);
  }
  const provider = String(config.llm_provider);
  const key = Object.hasOwn(PROVIDER_KEY, provider) ? PROVIDER_KEY[provider] : undefined;
  return [
    ...requiredKeys(config, ['llm_provider', 'llm_model']),
    ...oneOf(config, 'llm_provider', Object.keys(PROVIDER_KEY)),
    ...(key === undefined ? [] : requiredKeys(config, [key], ` when llm_provider is "${provider}"`)),
    ...between(config, 'llm_temperature', 0, 2),
    ...positive(config, 'llm_max_tokens'),
  ];
}

function embeddingRules(config: Config): string[] {
  const provider = config.embedding_provider;
  if (provider === undefined)
    return given(config, ['embedding_model', 'embedding_api_key']).map(
      (key) => `${key} must not be set without embedding_provider`,
    );
  const key = provider === 'ollama' ? 'ollama_url' : 'embedding_api_key';
  return [
    ...oneOf(config, 'embedding_provider', ['voyage', 'openai', 'ollama']),
    ...requiredKeys(config, ['embedding_model', key], ` when embedding_provider is "${String(provider).slice(0, 32)}"`),
  ];
}

function knowledgeRules(config: Config): string[] {
  const keys = Object.keys(TYPES).filter((key) => key.startsWith('kb_') && key !== 'kb_enabled');
  if (config.kb_enabled !== true)
    return given(config, keys).map((key) => `${key} must not be set unless kb_enabled is true`);
  const path = config.kb_database_host_path;
  return [
    ...requiredKeys(config, ['kb_embedding_provider', 'kb_embedding_model', 'kb_embedding_api_key']),
    ...(config.kb_embedding_provider === 'ollama'
      ? ['kb_embedding_provider "ollama" is not yet supported']
      : oneOf(config, 'kb_embedding_provider', ['voyage', 'openai'])),
    ...(typeof path === 'string' && path !== '' && !isCleanPath(path)
      ? ['kb_database_host_path must be an absolute, clean path']
      : []),
    ...(config.disable_search_knowledgebase === true ? ['kb_enabled conflicts with disable_search_knowledgebase'] : []),
  ];
}

function initUserRules(users: unknown): string[] {
  if (users === undefined) return [];
  if (!Array.isArray(users) || users.length === 0) return ['init_users must be a non-empty list'];
  const filled = (user: unknown): boolean =>
    isMap(user) &&
    [user.username, user.password].every((part) => typeof part === 'string' && part !== '') &&
    Object.keys(user).length === 2;
  if (!users.every(filled)) return ['init_users: each entry needs username and password, both not empty'];
  const names = new Set(users.map((user: Config) => user.username));
  return names.size < users.length ? ['init_users: usernames must be unique'] : [];
}

/** Settings of the MCP server. `known`: the service exists, so what is only for its start is refused. */
export function mcpRules(config: Config, known: boolean): string[] {
  const initial = known
    ? given(config, ['init_token', 'init_users']).map((key) => `${key} can only be set during initial provisioning`)
    : [];
  return [
    ...unknownKeys(config, [...Object.keys(TYPES), 'init_users']),
    ...typeRules(config, TYPES),
    ...initial,
    ...initUserRules(config.init_users),
    ...llmRules(config),
    ...embeddingRules(config),
    ...knowledgeRules(config),
    ...positive(config, 'pool_max_conns'),
  ];
}
