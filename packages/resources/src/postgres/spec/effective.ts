import type { BackupConfig, DatabaseSpec, OrchestratorOpts } from './database.ts';
import { parseCpus, parseMemory } from './units.ts';

/** What holds for a node when its own values are laid over those of the spec. */
export interface EffectiveNode {
  readonly name: string;
  readonly hostIds: readonly string[];
  readonly postgresVersion: string | undefined;
  /** Absent: not published. 0: a free port that stays. */
  readonly port: number | undefined;
  /** Cores; 0 means as many as the host has. */
  readonly cpus: number;
  /** Bytes; 0 means what the host has. */
  readonly memoryBytes: number;
  readonly postgresqlConf: Readonly<Record<string, string | number | boolean>>;
  readonly pgHbaConf: readonly string[];
  readonly pgIdentConf: readonly string[];
  readonly orchestratorOpts: OrchestratorOpts | undefined;
  readonly backups: EffectiveBackups | undefined;
}

/** The node's own configuration of backups, or that of the database, never parts of both. */
export interface EffectiveBackups {
  readonly config: BackupConfig;
  /** `_` for the database's, else the name of the node: where the credentials are kept. */
  readonly level: string;
}

type Settings = NonNullable<DatabaseSpec['postgresql_conf']>;

/** The later map wins; the names of settings are compared without case and given in lower case. */
function mergeSettings(...maps: readonly (Settings | undefined)[]): Settings {
  return Object.fromEntries(
    maps.flatMap((map) => Object.entries(map ?? {}).map(([key, value]) => [key.toLowerCase(), value] as const)),
  );
}

/** The effective values of a node. Throws when the spec has no such node. */
export function effectiveNode(spec: DatabaseSpec, name: string): EffectiveNode {
  const node = spec.nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(`the spec has no node "${name}"`);
  return {
    name,
    hostIds: node.host_ids,
    postgresVersion: node.postgres_version ?? spec.postgres_version,
    port: node.port ?? spec.port,
    cpus: parseCpus(node.cpus ?? '') || parseCpus(spec.cpus ?? ''),
    memoryBytes: parseMemory(node.memory ?? '') || parseMemory(spec.memory ?? ''),
    postgresqlConf: mergeSettings(spec.postgresql_conf, node.postgresql_conf),
    pgHbaConf: [...(node.pg_hba_conf ?? []), ...(spec.pg_hba_conf ?? [])],
    pgIdentConf: [...(node.pg_ident_conf ?? []), ...(spec.pg_ident_conf ?? [])],
    orchestratorOpts: node.orchestrator_opts ?? spec.orchestrator_opts,
    backups: backupsOf(node.backup_config, name) ?? backupsOf(spec.backup_config, '_'),
  };
}

const backupsOf = (config: BackupConfig | undefined, level: string): EffectiveBackups | undefined =>
  config && { config, level };
