import { missingTemporalTls, temporalTlsSettings } from '@windlass/resources/settings';
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
  ...temporalTlsSettings,
  WINDLASS_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

export type ServerConfig = z.output<typeof schema>;

/** Reads the configuration from the environment; throws one error that names every bad value. */
export function readConfig(env: Record<string, string | undefined>): ServerConfig {
  const given = Object.fromEntries(
    Object.entries(env).filter(([key, value]) => key.startsWith('WINDLASS_') && value !== ''),
  );
  const parsed = schema.safeParse(given);
  const halves = missingTemporalTls(given);
  if (parsed.success && halves.length === 0) return parsed.data;
  const lines = (parsed.error?.issues ?? []).map((issue) => {
    const name = issue.path.join('.');
    const value = given[name];
    return `  ${name}: ${value === undefined ? 'is required' : `${issue.message} (got "${value}")`}`;
  });
  throw new Error(`the server's configuration is not valid:\n${[...lines, ...halves].join('\n')}`);
}
