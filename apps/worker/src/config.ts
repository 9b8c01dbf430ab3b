import os from 'node:os';
import { lifetimeSettings } from '@windlass/resources/platform/leaves';
import {
  masterKeySettings,
  missingTemporalTls,
  temporalPayloadSettings,
  temporalTlsSettings,
  wrongMasterKeys,
} from '@windlass/resources/platform/settings';
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

/** `192.0.2.7:9000` */
function placeOf(text: string, context: z.RefinementCtx): { readonly address: string; readonly port: number }[] {
  const [, address = '', port = ''] = /^([A-Za-z0-9.-]+):(\d{1,5})$/.exec(text) ?? [];
  if (address !== '' && Number(port) >= 1 && Number(port) <= 65_535) return [{ address, port: Number(port) }];
  context.addIssue({ code: 'custom', message: `"${text}" is not an address and a port such as "192.0.2.7:9000"` });
  return [];
}

const schema = z.object({
  WINDLASS_HOST_ID: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,34}[a-z0-9])?$/)
    .default(() => os.hostname().split('.')[0]?.toLowerCase() ?? 'host'),
  WINDLASS_DATA_DIR: z.string().startsWith('/', 'must be an absolute path'),
  WINDLASS_CLIENT_ADDRESSES: list('127.0.0.1'),
  /** At which addresses of this machine published ports answer to others; `0.0.0.0` is all of them. */
  WINDLASS_PUBLISH_ADDRESSES: list('').pipe(z.array(z.ipv4())),
  /** What databases may reach on machines of the cluster besides etcd. */
  WINDLASS_DATABASES_MAY_REACH: list('').transform((items, context) => items.flatMap((item) => placeOf(item, context))),
  WINDLASS_ETCD_ENDPOINTS: list('https://127.0.0.1:2379'),
  WINDLASS_ADVERTISED_ETCD_ENDPOINTS: list('https://172.17.0.1:2379'),
  WINDLASS_CA_CERT: z.string(),
  /** Without it this worker runs nothing but what is on its host, and servers sign its certificates. */
  WINDLASS_CA_KEY: z.string().optional(),
  WINDLASS_SERVER_URLS: list(''),
  WINDLASS_CLIENT_CERT: z.string(),
  WINDLASS_CLIENT_KEY: z.string(),
  ...masterKeySettings,
  /** For how long what this worker signs is good at most, where it has the key of the CA. */
  ...lifetimeSettings,
  WINDLASS_TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  WINDLASS_TEMPORAL_NAMESPACE: z.string().default('default'),
  ...temporalPayloadSettings,
  ...temporalTlsSettings,
  WINDLASS_PORT_MIN: z.coerce.number().int().min(1).max(65535).default(5432),
  WINDLASS_PORT_MAX: z.coerce.number().int().min(1).max(65535).default(15432),
  WINDLASS_ALLOWED_VOLUME_ROOTS: list(''),
  /** `report`: a replica that is stuck is told by its state, and left alone. */
  WINDLASS_REPAIR: z.enum(['auto', 'report']).default('auto'),
  WINDLASS_HEALTH_FILE: z.string().startsWith('/', 'must be an absolute path').optional(),
  WINDLASS_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

export type WorkerConfig = z.output<typeof schema>;

/** Reads the configuration from the environment; every bad value is reported at once. */
export function readConfig(env: Record<string, string | undefined>): WorkerConfig {
  const given = Object.fromEntries(
    Object.entries(env).filter(([key, value]) => key.startsWith('WINDLASS_') && value !== ''),
  );
  const parsed = schema.safeParse(given);
  const halves = [
    ...missingTemporalTls(given),
    ...missingAuthority(given),
    ...(isTrusted(given) ? wrongMasterKeys(given) : []),
  ];
  if (parsed.success && halves.length === 0) return parsed.data;
  const lines = (parsed.error?.issues ?? []).map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`the worker's configuration is not valid:\n${[...lines, ...halves].join('\n')}`);
}

/** Whoever has the key of the CA has all secrets, too; any other worker asks servers for what its host needs, and uses no master key. */
export const isTrusted = (given: { readonly WINDLASS_CA_KEY?: string | undefined }): boolean =>
  given.WINDLASS_CA_KEY !== undefined;

/** Somebody has to sign the certificates of the instances. */
const missingAuthority = (given: Readonly<Record<string, string | undefined>>): string[] =>
  given['WINDLASS_CA_KEY'] === undefined && given['WINDLASS_SERVER_URLS'] === undefined
    ? ['  WINDLASS_CA_KEY: is required without WINDLASS_SERVER_URLS']
    : [];
