import type { DatabaseSpec } from './database.ts';
import { effectiveNode } from './effective.ts';
import type { Issue } from '../../api/issues.ts';
import { isPredefined } from './predefined-roles.ts';

/** The strongest role that the contract names; it is made where somebody is to have it. */
const BUILT_IN = 'pgedge_superuser';

/** Memberships of declared users that come back to where they begin; the issue stands at the entry that closes the ring. */
export function roleCycles({ database_users: users = [] }: DatabaseSpec): Issue[] {
  const granted = new Map(users.map((user) => [user.username, user.roles ?? []]));
  const reaches = (from: string, to: string, seen: Set<string>): boolean =>
    from === to || (granted.get(from) ?? []).some((next) => !seen.has(next) && reaches(next, to, seen.add(next)));
  return users.flatMap((user, i) =>
    (user.roles ?? []).flatMap((role, j) =>
      reaches(role, user.username, new Set([role]))
        ? [
            {
              path: ['database_users', i, 'roles', j],
              message: `"${role}" is a member of "${user.username}" itself: memberships must not form a ring`,
            },
          ]
        : [],
    ),
  );
}

/**
 * Granted roles that will not be there: neither declared, nor Postgres' own in every version of the spec, nor named by a script
 * that runs first, nor in a backup that is restored, nor granted by the stored spec already.
 */
export function unknownRoles(spec: DatabaseSpec, previous?: DatabaseSpec): Issue[] {
  const known = new Set([
    BUILT_IN,
    ...(spec.database_users ?? []).map((user) => user.username),
    ...(previous?.database_users ?? []).flatMap((user) => user.roles ?? []),
  ]);
  return (spec.database_users ?? []).flatMap((user, i) =>
    (user.roles ?? []).flatMap((role, j) => {
      const why = known.has(role) ? undefined : whyUnknown(spec, role);
      return why === undefined ? [] : [{ path: ['database_users', i, 'roles', j], message: why }];
    }),
  );
}

function whyUnknown(spec: DatabaseSpec, role: string): string | undefined {
  if (!role.startsWith('pg_')) {
    if (isMadeElsewhere(spec, role)) return undefined;
    return `there is no role "${role}": declare it in database_users, or make it in scripts.post_init`;
  }
  const missing = majorsOf(spec).find((major) => !isPredefined(role, major));
  if (missing === undefined && majorsOf(spec).length > 0) return undefined;
  if (majorsOf(spec).length === 0 && isPredefined(role, undefined)) return undefined;
  return `Postgres${missing === undefined ? '' : ` ${String(missing)}`} has no role "${role}" that can be granted`;
}

const majorsOf = (spec: DatabaseSpec): number[] =>
  spec.nodes.flatMap((node) => {
    const version = effectiveNode(spec, node.name).postgresVersion;
    return version === undefined ? [] : [Number(version.split('.')[0])];
  });

function isMadeElsewhere(spec: DatabaseSpec, role: string): boolean {
  const restored = spec.restore_config !== undefined || spec.nodes.some((node) => node.restore_config !== undefined);
  const scripts = (spec.scripts?.post_init ?? []).join('\n').toLowerCase();
  return restored || scripts.includes(role.toLowerCase());
}
