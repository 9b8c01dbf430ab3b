import type { BackupConfig, DatabaseSpec, RestoreConfig } from './database.ts';
import { cronRefusal } from './cron.ts';
import type { Issue } from '../../api/issues.ts';
import { optionRefusal } from './pgbackrest-options.ts';
import { isCleanPath } from '../../api/texts.ts';
import { parseRestoreOptions } from './restore-target.ts';
import { repositoryIdentity } from './repository-identity.ts';
import { repeated } from './rules-database.ts';

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
  } else if (onDisk && repository.base_path && !isCleanPath(repository.base_path)) {
    issues.push({ path: [...prefix, 'base_path'], message: 'must be an absolute path without "." or ".." parts' });
  }
  return [...issues, ...lineRules(repository, prefix), ...optionRules(repository, prefix)];
}

/** Every value becomes a line of pgBackRest's file: none may hold another one. */
function lineRules(repository: Repository, prefix: Path): Issue[] {
  return Object.entries(repository)
    .filter(([, value]) => typeof value === 'string' && /\p{Cc}/u.test(value))
    .map(([field]) => ({ path: [...prefix, field], message: 'must not contain control characters' }));
}

function optionRules(repository: Repository, prefix: Path): Issue[] {
  return Object.entries(repository.custom_options ?? {}).flatMap(([key, value]) => {
    const message = optionRefusal(key, value);
    return message === undefined ? [] : [{ path: [...prefix, 'custom_options', key], message }];
  });
}

/** What a restore needs besides its schema. */
export function restoreRules(config: RestoreConfig, prefix: Path): Issue[] {
  const parsed = parseRestoreOptions(config.restore_options);
  const options = 'issues' in parsed ? parsed.issues : [];
  return [
    ...repositoryRules(config.repository, [...prefix, 'repository']),
    ...options.map(({ option, message }) => ({ path: [...prefix, 'restore_options', option], message })),
  ];
}

function levelRules(level: Pick<DatabaseSpec, 'backup_config' | 'restore_config'>, prefix: Path): Issue[] {
  const backups = level.backup_config?.repositories ?? [];
  const restore = level.restore_config;
  return [
    ...backups.flatMap((one, i) => repositoryRules(one, [...prefix, 'backup_config', 'repositories', i])),
    ...repeated(
      backups,
      repositoryIdentity,
      (i) => [...prefix, 'backup_config', 'repositories', i],
      'repositories must be in different places',
    ),
    ...scheduleRules(level.backup_config?.schedules ?? [], [...prefix, 'backup_config', 'schedules']),
    ...(restore === undefined ? [] : restoreRules(restore, [...prefix, 'restore_config'])),
  ];
}

function scheduleRules(schedules: NonNullable<BackupConfig['schedules']>, prefix: Path): Issue[] {
  const issues = schedules.flatMap(({ cron_expression: cron }, i) => {
    const message = cronRefusal(cron);
    return message === undefined ? [] : [{ path: [...prefix, i, 'cron_expression'], message }];
  });
  return [
    ...issues,
    ...repeated(
      schedules,
      (one) => one.id,
      (i) => [...prefix, i],
      'schedule IDs must be unique',
    ),
  ];
}

/** Repositories of the spec and of its nodes. */
export function backupRules(spec: DatabaseSpec): Issue[] {
  return [...levelRules(spec, []), ...spec.nodes.flatMap((node, i) => levelRules(node, ['nodes', i]))];
}
