import { between, requiredKeys, typeRules, unknownKeys, type Config } from './service-fields.ts';

const TYPES = {
  db_anon_role: 'string',
  db_schemas: 'string',
  db_pool: 'integer',
  max_rows: 'integer',
  jwt_secret: 'string',
  jwt_aud: 'string',
  jwt_role_claim_key: 'string',
  server_cors_allowed_origins: 'string',
} as const;

/** Settings of PostgREST. */
export function postgrestRules(config: Config): string[] {
  const secret = config.jwt_secret;
  const short = typeof secret === 'string' && secret !== '' && Buffer.byteLength(secret) < 32;
  return [
    ...unknownKeys(config, Object.keys(TYPES)),
    ...requiredKeys(config, ['db_anon_role']),
    ...typeRules(config, TYPES),
    ...between(config, 'db_pool', 1, 30),
    ...between(config, 'max_rows', 1, 10_000),
    ...(short ? ['jwt_secret must be at least 32 characters'] : []),
  ];
}
