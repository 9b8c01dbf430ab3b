import type { BackupConfig, DatabaseSpec, RestoreConfig } from './database.ts';
import type { Issue } from './issues.ts';

type Path = readonly PropertyKey[];
export type Repository = RestoreConfig['repository'] | BackupConfig['repositories'][number];

const REQUIRED: Record<Repository['type'], readonly (keyof RestoreConfig['repository'])[]> = {
  azure: ['azure_account', 'azure_container', 'azure_key'],
  gcs: ['gcs_bucket'],
  s3: ['s3_bucket'],
  posix: ['base_path'],
  cifs: ['base_path'],
};

/** What a repository needs, by its type. */
export function repositoryRules(repository: Repository, prefix: Path): Issue[] {
  const missing = REQUIRED[repository.type].filter((field) => !repository[field]);
  const issues: Issue[] = missing.map((field) => ({
    path: [...prefix, field],
    message: `${field} is required for ${repository.type} repositories`,
  }));
  const onDisk = repository.type === 'posix' || repository.type === 'cifs';
  if (onDisk && repository.base_path && !repository.base_path.startsWith('/')) {
    issues.push({
      path: [...prefix, 'base_path'],
      message: `base_path must be absolute for ${repository.type} repositories`,
    });
  }
  return issues;
}

function levelRules(level: Pick<DatabaseSpec, 'backup_config' | 'restore_config'>, prefix: Path): Issue[] {
  const backups = level.backup_config?.repositories ?? [];
  const restore = level.restore_config?.repository;
  return [
    ...backups.flatMap((one, i) => repositoryRules(one, [...prefix, 'backup_config', 'repositories', i])),
    ...(restore === undefined ? [] : repositoryRules(restore, [...prefix, 'restore_config', 'repository'])),
  ];
}

/** Repositories of the spec and of its nodes. */
export function backupRules(spec: DatabaseSpec): Issue[] {
  return [...levelRules(spec, []), ...spec.nodes.flatMap((node, i) => levelRules(node, ['nodes', i]))];
}
