import type { UserSpec } from './database.ts';

/**
 * The second login of a user, so that two passwords are good for a while: Postgres has one for each role. Its sessions are the user
 * from their first statement on. Absent times: for good.
 */
export interface Rotation {
  /** The role of the second login. */
  readonly other: string;
  /** `passwordVersion` of its verifier. */
  readonly otherVersion: string;
  /** Until when the password of the user itself is good, and that of the other one; ISO 8601 to the second. */
  readonly ownUntil?: string;
  readonly otherUntil?: string;
}
/** By the name of the user. */
export type Rotations = Readonly<Record<string, Rotation>>;

const SUFFIX = '_alt';
const MOST_BYTES = 63;

/** Name of the second login of a user; undefined: it would be too long for Postgres. */
export function otherLogin(username: string): string | undefined {
  const name = `${username}${SUFFIX}`;
  return Buffer.byteLength(name) <= MOST_BYTES ? name : undefined;
}

/** Which login gets the next password, and until when the one it has now is good; undefined: it has none that could be in use. */
export function nextLogin(rotation: Rotation | undefined): { readonly login: 'own' | 'other'; readonly until?: string | 'for good' } {
  if (!rotation) return { login: 'other' };
  if (rotation.ownUntil !== undefined) return { login: 'own', until: rotation.ownUntil };
  return { login: 'other', until: rotation.otherUntil ?? 'for good' };
} // prettier-ignore

/** What is kept of rotations in another spec: those of users that are still there. `fresh`: who has got another password by it. */
export function keptRotations(
  users: readonly Pick<UserSpec, 'username'>[],
  before: Rotations = {},
  fresh: ReadonlySet<string> = new Set(),
): Rotations {
  const kept = users.flatMap(({ username }) => {
    const known = Object.hasOwn(before, username) ? before[username] : undefined;
    if (!known) return [];
    const { ownUntil: _ended, ...open } = known;
    return [[username, fresh.has(username) ? open : known] as const];
  });
  return Object.fromEntries(kept);
}

/** Users of a spec that have the name of the second login of another one, by their place. */
export const takenLogins = (users: readonly Pick<UserSpec, 'username'>[], rotations: Rotations) =>
  users.flatMap(({ username }, i) => {
    const whose = Object.entries(rotations).find(([, { other }]) => other === username)?.[0];
    return whose === undefined
      ? []
      : [{ path: ['database_users', i, 'username'], message: `"${username}" is the second login of "${whose}"` }];
  });
