import type { BackupConfig, DatabaseSpec, NodeSpec, RestoreConfig } from './database.ts';
import { isSecretOption, optionName } from './pgbackrest-options.ts';
import { repositoryIdentity } from './repository-identity.ts';
import type { Repository } from './rules-repository.ts';
import { formatMemory, parseMemory } from './units.ts';

const SECRETS = ['s3_key', 's3_key_secret', 'gcs_key', 'azure_key'] as const;
function withSecrets<R extends Repository>(next: R, known: readonly Repository[]): R {
  const previous = known.find((one) => repositoryIdentity(one) === repositoryIdentity(next));
  const kept = SECRETS.filter((field) => !next[field] && previous?.[field]).map((field) => [field, previous?.[field]]);
  const options = { ...secretOptions(previous), ...next.custom_options };
  return { ...next, ...Object.fromEntries(kept), ...(Object.keys(options).length > 0 && { custom_options: options }) };
}

const secretOptions = (repository: Repository | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(repository?.custom_options ?? {}).filter(([key]) => isSecretOption(optionName(key))),
  );

type Level = Pick<DatabaseSpec, 'backup_config' | 'restore_config' | 'memory'>;

function carryBackup(previous: BackupConfig | undefined, next: BackupConfig | undefined): Pick<Level, 'backup_config'> {
  if (next === undefined) return {};
  return {
    backup_config: {
      ...next,
      repositories: next.repositories.map((one) => withSecrets(one, previous?.repositories ?? [])),
    },
  };
}

function carryRestore(
  previous: RestoreConfig | undefined,
  next: RestoreConfig | undefined,
): Pick<Level, 'restore_config'> {
  if (next === undefined) return {};
  return {
    restore_config: {
      ...next,
      repository: withSecrets(next.repository, previous === undefined ? [] : [previous.repository]),
    },
  };
}

/** The API shows memory rounded: sent back as shown it means what is stored, not the rounded size. */
function carryMemory(previous: string | undefined, next: string | undefined): Pick<Level, 'memory'> {
  const echoed = previous !== undefined && next !== undefined && formatMemory(parseMemory(previous)) === next;
  return echoed ? { memory: previous } : {};
}

function carryLevel(previous: Level | undefined, next: Level): Level {
  return {
    ...carryBackup(previous?.backup_config, next.backup_config),
    ...carryRestore(previous?.restore_config, next.restore_config),
    ...carryMemory(previous?.memory, next.memory),
  };
}

function carryNode(previous: NodeSpec | undefined, next: NodeSpec): NodeSpec {
  const version = next.postgres_version ?? previous?.postgres_version;
  return { ...next, ...(version === undefined ? {} : { postgres_version: version }), ...carryLevel(previous, next) };
}

/** The new spec with what it left out and an update keeps. Everything else that is left out is removed. */
export function carryOver(previous: DatabaseSpec, next: DatabaseSpec): DatabaseSpec {
  const versions = {
    postgres_version: next.postgres_version ?? previous.postgres_version,
    spock_version: next.spock_version ?? previous.spock_version,
  };
  const given = Object.fromEntries(Object.entries(versions).filter(([, version]) => version !== undefined));
  const old = new Map(previous.nodes.map((node) => [node.name, node]));
  return {
    ...next,
    ...given,
    ...carryLevel(previous, next),
    nodes: next.nodes.map((node) => carryNode(old.get(node.name), node)),
  };
}
