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

const LLM = { provider: 'string', model: 'string', api_key: 'string', base_url: 'string' } as const;
const PIPELINE = {
  name: 'string',
  description: 'string',
  system_prompt: 'string',
  token_budget: 'integer',
  top_n: 'integer',
} as const;
const PIPELINE_KEYS = [...Object.keys(PIPELINE), 'tables', 'embedding_llm', 'rag_llm', 'search'];
const TABLE = { table: 'string', text_column: 'string', vector_column: 'string', id_column: 'string' } as const;
const SEARCH = { hybrid_enabled: 'boolean', vector_weight: 'number' } as const;
const BUDGET = { token_budget: 'integer', top_n: 'integer' } as const;

function nested(
  value: unknown,
  at: string,
  types: Parameters<typeof typeRules>[1],
  keys = Object.keys(types),
): string[] {
  if (!isMap(value)) return [`${at} must be an object`];
  const unknown = Object.keys(value).filter((key) => !keys.includes(key));
  return [
    ...unknown.map((key) => `invalid config: unknown field "${key.slice(0, 64)}" in ${at}`),
    ...typeRules(value, types, `${at}.`),
  ];
}

function llmRules(value: unknown, at: string, providers: readonly string[]): string[] {
  if (!isMap(value)) return [`${at} is required`];
  const keys = value.provider === 'ollama' ? ['provider', 'model'] : ['provider', 'model', 'api_key'];
  return [
    ...nested(value, at, LLM),
    ...requiredKeys(value, keys, '', `${at}.`),
    ...oneOf(value, 'provider', providers, `${at}.`),
  ];
}

function tableRules(tables: unknown, at: string): string[] {
  if (!Array.isArray(tables) || tables.length === 0) return [`${at} is required and must contain at least one table`];
  return tables.flatMap((table: unknown, i) => {
    const path = `${at}[${i}]`;
    return [
      ...nested(table, path, TABLE),
      ...(isMap(table) ? requiredKeys(table, ['table', 'text_column', 'vector_column'], '', `${path}.`) : []),
    ];
  });
}

function searchRules(search: unknown, at: string): string[] {
  return search === undefined
    ? []
    : [...nested(search, at, SEARCH), ...(isMap(search) ? between(search, 'vector_weight', 0, 1, `${at}.`) : [])];
}

function pipelineRules(pipeline: unknown, at: string): string[] {
  if (!isMap(pipeline)) return [`${at} must be an object`];
  const name = pipeline.name;
  const badName = typeof name === 'string' && name !== '' && !/^[a-z0-9_][a-z0-9_-]*$/.test(name);
  return [
    ...nested(pipeline, at, PIPELINE, PIPELINE_KEYS),
    ...requiredKeys(pipeline, ['name'], '', `${at}.`),
    ...(badName ? [`${at}.name must match ^[a-z0-9_][a-z0-9_-]*$`] : []),
    ...tableRules(pipeline.tables, `${at}.tables`),
    ...llmRules(pipeline.embedding_llm, `${at}.embedding_llm`, ['anthropic', 'openai', 'voyage', 'ollama']),
    ...llmRules(pipeline.rag_llm, `${at}.rag_llm`, ['anthropic', 'openai', 'ollama']),
    ...positive(pipeline, 'token_budget', `${at}.`),
    ...positive(pipeline, 'top_n', `${at}.`),
    ...searchRules(pipeline.search, `${at}.search`),
  ];
}

function repeatedNames(pipelines: readonly unknown[]): string[] {
  const seen = new Set<unknown>();
  return pipelines.flatMap((one, i) => {
    const name = isMap(one) ? one.name : undefined;
    const again = typeof name === 'string' && seen.has(name);
    seen.add(name);
    return again ? [`pipelines[${i}].name "${name.slice(0, 64)}" is not unique`] : [];
  });
}

function defaultsRules(defaults: unknown): string[] {
  if (defaults === undefined) return [];
  const numbers = isMap(defaults)
    ? [...positive(defaults, 'token_budget', 'defaults.'), ...positive(defaults, 'top_n', 'defaults.')]
    : [];
  return [...nested(defaults, 'defaults', BUDGET), ...numbers];
}

/** Settings of the RAG server. */
export function ragRules(config: Config): string[] {
  const { pipelines } = config;
  const unknown = unknownKeys(config, ['pipelines', 'defaults']);
  if (!Array.isArray(pipelines) || pipelines.length === 0)
    return [...unknown, 'pipelines is required and must contain at least one pipeline'];
  return [
    ...unknown,
    ...pipelines.flatMap((one: unknown, i) => pipelineRules(one, `pipelines[${i}]`)),
    ...repeatedNames(pipelines),
    ...defaultsRules(config.defaults),
  ];
}
