import { RestoreDatabaseRequest } from './api-restore.ts';
import type { RestoreConfig } from './database.ts';
import type { Issue } from '../../api/issues.ts';
import { parseRestoreOptions, timeOf } from './restore-target.ts';
import { restoreRules } from './rules-repository.ts';
import { parseStrict, type Invalid } from './validate.ts';

/** The body of a restore, checked whole. Paths are those of its `restore_config`. */
export function validateRestoreRequest(
  input: unknown,
  now: Date,
): { readonly request: RestoreDatabaseRequest } | Invalid {
  const parsed = parseStrict(RestoreDatabaseRequest, input);
  if ('issues' in parsed) return { issues: parsed.issues.map(withoutConfig) };
  const { restore_config: config } = parsed.value;
  const issues = [...restoreRules(config, []), ...futureTarget(config, [], now)];
  return issues.length > 0 ? { issues } : { request: parsed.value };
}

/** Nobody has archived what is still to come. */
export function futureTarget(config: RestoreConfig, prefix: readonly PropertyKey[], now: Date): Issue[] {
  const parsed = parseRestoreOptions(config.restore_options);
  const { type, value = '' } = 'choice' in parsed ? parsed.choice.target : { type: 'default' as const };
  if (type !== 'time' || timeOf(value) <= now.getTime()) return [];
  return [{ path: [...prefix, 'restore_options', 'target'], message: `is in the future; it is ${now.toISOString()}` }];
}

const withoutConfig = (issue: Issue): Issue =>
  issue.path[0] === 'restore_config' && issue.path.length > 1 ? { ...issue, path: issue.path.slice(1) } : issue;
