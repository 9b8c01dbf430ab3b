import type { DatabaseSpec } from './database.ts';
import { AuthLineError } from './hba.ts';
import { parseHbaLine, parseIdentLine } from './hba-line.ts';
import type { Issue } from '../../api/issues.ts';
import { roleCycles } from './rules-roles.ts';
import { limitIssues } from './setting-limits.ts';
import { sqlError } from './sql.ts';

/** A level of the spec that settings may be given at, with its path. */
export type Level = Pick<DatabaseSpec, 'postgresql_conf' | 'pg_hba_conf' | 'pg_ident_conf'>;
type Path = readonly PropertyKey[];

/** The later ones of equal values, as issues. */
export function repeated<T>(
  items: readonly T[],
  key: (item: T) => string,
  path: (position: number) => Path,
  message: string,
): Issue[] {
  const seen = new Set<string>();
  return items.flatMap((item, i) => {
    const known = seen.has(key(item));
    seen.add(key(item));
    return known ? [{ path: path(i), message }] : [];
  });
}

export function userRules(spec: DatabaseSpec): Issue[] {
  const users = spec.database_users ?? [];
  const path = (i: number): Path => ['database_users', i];
  const owners = users.map((user, i) => (user.db_owner === true ? i : -1)).filter((i) => i >= 0);
  return [
    ...repeated(users, (user) => user.username, path, 'usernames must be unique within a database'),
    ...owners.slice(1).map((i) => ({ path: path(i), message: 'cannot have multiple users with db_owner = true' })),
    ...roleCycles(spec),
  ];
}

export function scriptRules(spec: DatabaseSpec): Issue[] {
  return (['post_init', 'post_database_create'] as const).flatMap((name) =>
    (spec.scripts?.[name] ?? []).flatMap((sql, i) => {
      const error = sqlError(sql);
      return error === undefined
        ? []
        : [{ path: ['scripts', name, i], message: `failed to parse SQL statement: ${error}` }];
    }),
  );
}

function preloadRules(level: Level, prefix: Path): Issue[] {
  return Object.entries(level.postgresql_conf ?? {}).flatMap(([key, value]) => {
    if (key.toLowerCase() !== 'shared_preload_libraries') return [];
    const path = [...prefix, 'postgresql_conf', key];
    if (typeof value !== 'string') return [{ path, message: `"${key}" must be a string` }];
    const spock = value.split(',').some((item) => item.trim() === 'spock');
    return spock ? [] : [{ path, message: '"spock" must be included in shared_preload_libraries' }];
  });
}

function lineRules(
  lines: readonly string[] | undefined,
  path: Path,
  file: string,
  parse: (line: string) => unknown,
): Issue[] {
  return (lines ?? []).flatMap((line, i) => {
    try {
      parse(line);
      return [];
    } catch (err) {
      if (!(err instanceof AuthLineError)) throw err;
      return [{ path: [...path, i], message: `invalid ${file} entry "${line.slice(0, 512)}": ${err.message}` }];
    }
  });
}

/** Settings, hba and ident lines of the spec or of a node. */
export function levelRules(level: Level, prefix: Path): Issue[] {
  return [
    ...preloadRules(level, prefix),
    ...limitIssues(level.postgresql_conf ?? {}, [...prefix, 'postgresql_conf']),
    ...lineRules(level.pg_hba_conf, [...prefix, 'pg_hba_conf'], 'pg_hba', parseHbaLine),
    ...lineRules(level.pg_ident_conf, [...prefix, 'pg_ident_conf'], 'pg_ident', parseIdentLine),
  ];
}
