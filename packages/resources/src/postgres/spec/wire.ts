import type { DatabaseSpec, OrchestratorOpts, ServiceSpec, StoredSpec } from './database.ts';
import { formatCpus, formatMemory, parseCpus, parseMemory } from './units.ts';

const SECRET_FIELDS = new Set(['password', 's3_key', 's3_key_secret', 'gcs_key', 'azure_key']);
const SECRET_PARTS = [
  'password',
  'secret',
  'api_key',
  'apikey',
  'api-key',
  'credential',
  'private_key',
  'private-key',
  'access_key',
  'access-key',
  'init_users',
];

/** True for keys of a service's settings whose values are never shown. */
export function isSecretKey(key: string): boolean {
  const name = key.toLowerCase();
  return name === 'token' || name.endsWith('_token') || SECRET_PARTS.some((part) => name.includes(part));
}

function scrub(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !isSecretKey(key))
      .map(([key, inner]) => [key, scrub(inner)]),
  );
}

/** The specification without any password, as it may be stored. */
export function removePasswords(spec: DatabaseSpec): DatabaseSpec {
  if (spec.database_users === undefined) return spec;
  return { ...spec, database_users: spec.database_users.map(({ password: _, ...user }) => user) };
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** Maps whose entries are the user's: nothing in them is a secret field or left out. */
const FREE = new Set(['postgresql_conf', 'extra_labels', 'driver_opts', 'custom_options', 'restore_options', 'config']);

function visible(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(visible);
  if (typeof value !== 'object' || value === null) return value;
  const shown = Object.entries(value)
    .filter(([key]) => !SECRET_FIELDS.has(key))
    .map(([key, inner]) => [key, FREE.has(key) ? inner : visible(inner)] as const);
  return Object.fromEntries(shown.filter(([, inner]) => inner !== undefined && !isEmpty(inner)));
}

interface Sized {
  readonly cpus?: string | undefined;
  readonly memory?: string | undefined;
  readonly orchestrator_opts?: OrchestratorOpts | undefined;
}

function formatLevel<L extends Sized>(level: L): L {
  const { cpus, memory, orchestrator_opts: options, ...rest } = level;
  const shownCpus = formatCpus(parseCpus(cpus ?? ''));
  const shownMemory = formatMemory(parseMemory(memory ?? ''));
  return {
    ...rest,
    ...(shownCpus === '' ? {} : { cpus: shownCpus }),
    ...(shownMemory === '' ? {} : { memory: shownMemory }),
    ...(options === undefined
      ? {}
      : { orchestrator_opts: { swarm: { ...options.swarm, image: options.swarm?.image ?? '' } } }),
  } as L;
}

function wireService(service: ServiceSpec): ServiceSpec {
  const config = scrub(service.config ?? {}) as Record<string, unknown>;
  return formatLevel(isEmpty(config) ? service : { ...service, config });
}

/** A stored spec as the API shows it: no secret, sizes rounded, empty lists left out, `db_owner` always there. */
export function toWireSpec(stored: Pick<StoredSpec, 'spec'>): DatabaseSpec {
  const { services, ...spec } = formatLevel(stored.spec);
  const shown = {
    ...spec,
    nodes: spec.nodes.map(formatLevel),
    database_users: (spec.database_users ?? []).map((user) => ({ ...user, db_owner: user.db_owner ?? false })),
    services: (services ?? []).map(wireService),
  };
  return visible(shown) as DatabaseSpec;
}
