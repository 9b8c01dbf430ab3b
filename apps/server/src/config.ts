import { z } from 'zod';

const list = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    );

const TLS = ['WINDLASS_TEMPORAL_TLS_CA', 'WINDLASS_TEMPORAL_TLS_CERT', 'WINDLASS_TEMPORAL_TLS_KEY'] as const;

const schema = z.object({
  WINDLASS_HTTP_HOST: z.string().default('127.0.0.1'),
  WINDLASS_HTTP_PORT: z.coerce.number().int().min(1).max(65535).default(3000),
  WINDLASS_PUBLIC_URL: z.url().optional(),
  WINDLASS_ETCD_ENDPOINTS: list('https://127.0.0.1:2379'),
  WINDLASS_CA_CERT: z.string(),
  WINDLASS_CLIENT_CERT: z.string(),
  WINDLASS_CLIENT_KEY: z.string(),
  WINDLASS_MASTER_KEY_FILE: z.string(),
  WINDLASS_TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  WINDLASS_TEMPORAL_NAMESPACE: z.string().default('default'),
  WINDLASS_TEMPORAL_TLS_CA: z.string().optional(),
  WINDLASS_TEMPORAL_TLS_CERT: z.string().optional(),
  WINDLASS_TEMPORAL_TLS_KEY: z.string().optional(),
  WINDLASS_TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  WINDLASS_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

export type ServerConfig = z.output<typeof schema>;

/** Reads the configuration from the environment; throws one error that names every bad value. */
export function readConfig(env: Record<string, string | undefined>): ServerConfig {
  const given = Object.fromEntries(
    Object.entries(env).filter(([key, value]) => key.startsWith('WINDLASS_') && value !== ''),
  );
  const parsed = schema.safeParse(given);
  const halves = missingHalves(given).map(
    (name) => `  ${name}: is required when another WINDLASS_TEMPORAL_TLS_* is given`,
  );
  if (parsed.success && halves.length === 0) return parsed.data;
  const lines = (parsed.error?.issues ?? []).map((issue) => {
    const name = issue.path.join('.');
    const value = given[name];
    return `  ${name}: ${value === undefined ? 'is required' : `${issue.message} (got "${value}")`}`;
  });
  throw new Error(`the server's configuration is not valid:\n${[...lines, ...halves].join('\n')}`);
}

/** Half of mutual TLS would be none at all. */
function missingHalves(given: Record<string, string | undefined>): string[] {
  const missing = TLS.filter((name) => given[name] === undefined);
  return missing.length === TLS.length ? [] : missing;
}
