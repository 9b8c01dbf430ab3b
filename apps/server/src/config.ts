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
import { AUDIT_KEPT, type AuditKept } from '@windlass/resources/audit';
import { issuerSettings, missingOfIssuer } from './core/door/issuer.ts';
import { LIMITS, type Limits } from './core/door/limits.ts';
import { KEPT, type Kept } from './core/tasks/retention.ts';

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

const count = (fallback: number) => z.coerce.number().int().min(0).max(1_000_000).default(fallback);

/** As browsers write it: lower-case, without a path. */
const ORIGIN = /^https?:\/\/[a-z0-9.[\]:-]+$/;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** What any server needs, also one that belongs to no cluster yet. */
const edge = z.object({
  /** In plain http: only programs on this machine reach it. */
  WINDLASS_HTTP_HOST: z
    .string()
    .regex(LOOPBACK, 'plain http is for loopback only; for other machines set WINDLASS_HTTPS_HOST and a certificate')
    .default('127.0.0.1'),
  WINDLASS_HTTP_PORT: z.coerce.number().int().min(1).max(65535).default(3000),
  /** Asks for a login there, too. Unless told every program on this machine may call everything. */
  WINDLASS_LOOPBACK_LOGIN: z.stringbool().default(false),
  /** Origins of Temporal's UI, as `http://127.0.0.1:8233`: its pages, and no others, may have what Temporal keeps decoded. */
  WINDLASS_TEMPORAL_UI_ORIGINS: list('').refine(
    (origins) => origins.every((origin) => ORIGIN.test(origin)),
    'must be origins, as http://127.0.0.1:8233, with commas between them',
  ),
  ...issuerSettings,
  /** How many requests one login, and one address, may send in a minute; how much a server does at once. 0: as much as comes. */
  WINDLASS_REQUESTS_PER_LOGIN: count(LIMITS.perLogin),
  WINDLASS_REQUESTS_PER_ADDRESS: count(LIMITS.perAddress),
  WINDLASS_REFUSED_LOGINS: count(LIMITS.refusedLogins),
  WINDLASS_CHANGES_AT_ONCE: count(LIMITS.changesAtOnce),
  WINDLASS_READS_AT_ONCE: count(LIMITS.readsAtOnce),
  WINDLASS_ASKS_AT_ONCE: count(LIMITS.asksAtOnce),
  WINDLASS_EVENT_STREAMS: count(LIMITS.streams),
  WINDLASS_PUBLIC_URL: z.url().optional(),
  /** A second address to listen on, with TLS: the one other machines know. */
  WINDLASS_HTTPS_HOST: z.string().optional(),
  WINDLASS_SERVER_CERT: z.string().optional(),
  WINDLASS_SERVER_KEY: z.string().optional(),
  WINDLASS_CA_CERT: z.string().optional(),
  /** Where a server that joins a cluster keeps what it was given. */
  WINDLASS_STATE_DIR: z.string().optional(),
  /** How a server that joins calls itself, and where others reach it. */
  WINDLASS_SERVER_ID: z.string().default(() => os.hostname().split('.')[0]?.toLowerCase() ?? 'server'),
  WINDLASS_SERVER_ADDRESSES: list('127.0.0.1'),
  /** Joins also by a server whose URL is plain http on another machine: everybody on the way can read the keys. */
  WINDLASS_JOIN_PLAIN_HTTP: z.stringbool().default(false),
  WINDLASS_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

const schema = edge.extend({
  WINDLASS_ETCD_ENDPOINTS: list('https://127.0.0.1:2379'),
  WINDLASS_CA_CERT: z.string(),
  WINDLASS_CA_KEY: z.string(),
  WINDLASS_CLIENT_CERT: z.string(),
  WINDLASS_CLIENT_KEY: z.string(),
  ...masterKeySettings,
  WINDLASS_TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  WINDLASS_TEMPORAL_NAMESPACE: z.string().default('default'),
  ...temporalPayloadSettings,
  ...temporalTlsSettings,
  /** As other machines reach them; unless told, as this one does. */
  WINDLASS_ADVERTISED_ETCD_ENDPOINTS: list('').transform((urls) => (urls.length > 0 ? urls : undefined)),
  WINDLASS_ADVERTISED_TEMPORAL_ADDRESS: z.string().optional(),
  /** Whether Temporal asks for certificates there. */
  WINDLASS_ADVERTISED_TEMPORAL_TLS: z.stringbool().default(false),
  /** What is done about a missing container or a host that is back: `auto` opens an update, `report` only logs it. */
  WINDLASS_REPAIR: z.enum(['auto', 'report']).default('auto'),
  /** How many ended tasks, and for how many days, are kept of each database and each host; how many plans of a database. */
  WINDLASS_TASKS_KEPT: z.coerce.number().int().min(1).max(10_000).default(KEPT.tasks),
  WINDLASS_TASKS_KEPT_DAYS: z.coerce.number().int().min(1).max(36_500).default(KEPT.days),
  WINDLASS_PLANS_KEPT: z.coerce.number().int().min(1).max(1000).default(KEPT.plans),
  /** How many lines of the audit, and for how many days, are kept; older ones belong into exports. */
  WINDLASS_AUDIT_KEPT: z.coerce.number().int().min(1000).max(1_000_000).default(AUDIT_KEPT.lines),
  WINDLASS_AUDIT_KEPT_DAYS: z.coerce.number().int().min(1).max(36_500).default(AUDIT_KEPT.days),
  /** Id of the host this server runs on: that one cannot be removed through it. */
  WINDLASS_SERVER_HOST: z.string().optional(),
  /** For how long what it signs is good at most: for hosts, for members, and for itself. */
  ...lifetimeSettings,
  WINDLASS_JOIN_TOKEN_MINUTES: z.coerce.number().int().min(1).max(1440).default(15),
});

export type EdgeConfig = z.output<typeof edge>;
export type ServerConfig = z.output<typeof schema>;

type Env = Readonly<Record<string, string | undefined>>;

/** What is kept of the past. */
export const keptOf = (config: ServerConfig): Kept => ({
  tasks: config.WINDLASS_TASKS_KEPT,
  days: config.WINDLASS_TASKS_KEPT_DAYS,
  plans: config.WINDLASS_PLANS_KEPT,
});

export const limitsOf = (config: EdgeConfig): Limits => ({
  perLogin: config.WINDLASS_REQUESTS_PER_LOGIN,
  perAddress: config.WINDLASS_REQUESTS_PER_ADDRESS,
  refusedLogins: config.WINDLASS_REFUSED_LOGINS,
  changesAtOnce: config.WINDLASS_CHANGES_AT_ONCE,
  readsAtOnce: config.WINDLASS_READS_AT_ONCE,
  asksAtOnce: config.WINDLASS_ASKS_AT_ONCE,
  streams: config.WINDLASS_EVENT_STREAMS,
});

export const auditKeptOf = (config: ServerConfig): AuditKept => ({
  lines: config.WINDLASS_AUDIT_KEPT,
  days: config.WINDLASS_AUDIT_KEPT_DAYS,
});

/** Reads the configuration from the environment; throws one error that names every bad value. */
export const readConfig = (env: Env): ServerConfig => readWith(schema, env, wrongMasterKeys);

/** The part of it that a server without a cluster needs. */
export const readEdgeConfig = (env: Env): EdgeConfig => readWith(edge, env);

/** No etcd and no certificates, but a place to keep them: a server that waits to be joined to a cluster. */
export const isUnjoined = (env: Env): boolean =>
  !!env['WINDLASS_STATE_DIR'] && !env['WINDLASS_ETCD_ENDPOINTS'] && !env['WINDLASS_CA_CERT'];

function readWith<T>(shape: z.ZodType<T>, env: Env, more: (given: Env) => string[] = () => []): T {
  const given = Object.fromEntries(
    Object.entries(env).filter(([key, value]) => key.startsWith('WINDLASS_') && value !== ''),
  );
  const parsed = shape.safeParse(given);
  const halves = [...missingTemporalTls(given), ...missingOfIssuer(given), ...more(given)];
  if (parsed.success && halves.length === 0) return parsed.data;
  const lines = (parsed.error?.issues ?? []).map((issue) => {
    const name = issue.path.join('.');
    const value = given[name];
    return `  ${name}: ${value === undefined ? 'is required' : `${issue.message} (got "${value}")`}`;
  });
  throw new Error(`the server's configuration is not valid:\n${[...lines, ...halves].join('\n')}`);
}
