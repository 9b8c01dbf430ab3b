import type { roles } from '../kinds/roles.ts';
import { passwordVersionOf } from '../spec/passwords.ts';
import type { StoredDatabase } from './instances.ts';

type User = NonNullable<StoredDatabase['spec']['database_users']>[number];
type Role = Parameters<typeof roles.want>[0]['roles'][number];

/** The roles of the users of a spec, and their second logins. */
export function userRoles({ spec, passwordVersions, rotations = {} }: StoredDatabase): Role[] {
  return (spec.database_users ?? []).flatMap((user) => {
    const own = toRole(user, passwordVersionOf({ passwordVersions }, user.username));
    const rotation = Object.hasOwn(rotations, user.username) ? rotations[user.username] : undefined;
    if (!rotation) return [own];
    const { other, otherVersion, ownUntil = FOR_GOOD, otherUntil = FOR_GOOD } = rotation;
    return [
      { ...own, validUntil: ownUntil },
      {
        ...{ name: other, passwordVersion: otherVersion, validUntil: otherUntil, owner: false, actsAs: own.name },
        ...{ attributes: own.attributes.filter((word) => BEFORE_IT_ACTS.has(word)), memberOf: [own.name] },
      },
    ];
  });
}

/** As Postgres writes it. */
const FOR_GOOD = 'infinity';
/** Attributes that count before a session is another role. */
const BEFORE_IT_ACTS = new Set(['LOGIN', 'NOLOGIN', 'REPLICATION']);

function toRole(user: User, passwordVersion: string | undefined): Role {
  return {
    name: user.username,
    ...(passwordVersion !== undefined && { passwordVersion }),
    owner: user.db_owner ?? false,
    attributes: [...(user.attributes ?? [])].map((word) => word.toUpperCase()).sort(),
    memberOf: [...new Set(user.roles ?? [])].sort(),
  };
}
