import type { DatabaseSpec, RestoreConfig, StoredSpec } from './database.ts';
import { effectiveNode } from './effective.ts';
import { withoutSecrets, type RepositorySecret } from './repository-secrets.ts';
import { sealRestore, type OriginPlace, type RestoreSource, type SealedOrigin } from './seal-restore.ts';

/** From which backup each node begins, by the node's name. */
export type NodeOrigins = Readonly<Record<string, SealedOrigin>>;

export interface SealedOrigins {
  readonly spec: DatabaseSpec;
  readonly origins: NodeOrigins;
  /** By the name under which they are to be kept. */
  readonly secrets: ReadonlyMap<string, RepositorySecret>;
}

/** The configuration a node begins with: its own, else the database's, which a node copied from another one has not. */
export function restoreConfigOf(spec: DatabaseSpec, nodeName: string): RestoreConfig | undefined {
  const node = spec.nodes.find((one) => one.name === nodeName);
  if (!node || node.source_node !== undefined) return node?.restore_config;
  return node.restore_config ?? spec.restore_config;
}

/** What is declared, whatever its credentials: two that are the same here begin from the same backup. */
export const sameRestore = (a: RestoreConfig | undefined, b: RestoreConfig | undefined): boolean =>
  JSON.stringify(a && plain(a)) === JSON.stringify(b && plain(b));

function plain(config: RestoreConfig): RestoreConfig {
  const { custom_options: custom = {}, ...repository } = withoutSecrets(config.repository);
  const options = Object.keys(custom).length > 0 ? { custom_options: custom } : {};
  return { ...config, repository: { ...repository, ...options } };
}

export const originSecretName = (databaseId: string, nodeName: string): string =>
  `database/${databaseId}/restore/${nodeName}`;

/** What is known of restores when a spec is sealed. */
export interface KnownOrigins {
  readonly databaseId: string;
  sourceOf(config: RestoreConfig): RestoreSource;
  /** The spec as it was stored before, and the credentials kept for its nodes, by name of the secret. */
  readonly before?: StoredSpec | undefined;
  readonly secrets: ReadonlyMap<string, RepositorySecret>;
}

/** Takes the credentials out of a spec's restores. A node whose restore is still the same keeps what it does not say again. */
export function sealOrigins(spec: DatabaseSpec, known: KnownOrigins): SealedOrigins {
  const origins: Record<string, SealedOrigin> = {};
  const secrets = new Map<string, RepositorySecret>();
  for (const { name } of spec.nodes) {
    const config = restoreConfigOf(spec, name);
    if (config === undefined) continue;
    const place = placeOf(spec, name, config, known);
    const { origin, secret } = sealRestore(config, known.sourceOf(config), place);
    origins[name] = origin;
    if (secret) secrets.set(place.secretName, secret);
  }
  return { spec: withoutRestoreSecrets(spec), origins, secrets };
}

function placeOf(
  spec: DatabaseSpec,
  name: string,
  config: RestoreConfig,
  { databaseId, before, secrets }: KnownOrigins,
): OriginPlace {
  const secretName = originSecretName(databaseId, name);
  const volumes = effectiveNode(spec, name).orchestratorOpts?.swarm?.extra_volumes ?? [];
  const origin = before?.restoreOrigins?.[name];
  const same = origin && before && sameRestore(restoreConfigOf(before.spec, name), config);
  const kept = secrets.get(secretName);
  const secret = kept?.version === origin?.repository.secret?.version ? kept : undefined;
  return {
    secretName,
    volumes: volumes.map((v) => v.destination_path),
    ...(same && { before: { origin, secret } }),
  };
}

function withoutRestoreSecrets(spec: DatabaseSpec): DatabaseSpec {
  const of = <L extends Pick<DatabaseSpec, 'restore_config'>>(level: L): L =>
    level.restore_config === undefined ? level : { ...level, restore_config: plain(level.restore_config) };
  return { ...of(spec), nodes: spec.nodes.map((node) => of(node)) };
}
