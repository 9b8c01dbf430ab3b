import { randomBytes } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import {
  GRACE_SECONDS,
  makeScramVerifier,
  nextLogin,
  otherLogin,
  passwordVersion,
  passwordVersionOf,
  type RotateUserRequest,
  type Rotation,
  type StoredSpec,
} from '@windlass/resources/postgres/spec';
import type { TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { sealedSecrets } from '../core/secrets.ts';
import { wireTime } from '../core/tasks/read-tasks.ts';
import { NOTHING } from '../entities/accept.ts';
import { refuseBusy } from './busy.ts';
import { changeSpec } from './change-spec.ts';
import { verifierSecret } from './prepare-spec.ts';
import { readDatabase } from './read-database.ts';

export interface RotationRequest extends RotateUserRequest {
  readonly id: string;
  readonly username: string;
}

export interface AcceptedRotation {
  readonly task: TaskRecord;
  readonly username: string;
  readonly password: string;
  readonly former: { readonly username: string; readonly valid_until: string };
}

/**
 * Gives the login of a user that is not in use a new password, and the one that is an end. It is an update: what is stored says which
 * passwords are good until when, and Postgres ends them.
 */
export async function acceptRotation(deps: ServerDeps, request: RotationRequest): Promise<AcceptedRotation> {
  const { id, username, grace_seconds: grace = GRACE_SECONDS.default } = request;
  const before = await readDatabase(deps, id);
  const other = refuseUnfit(before.stored, username);
  const now = deps.now();
  const rotation = rotationOf(before.stored, username);
  const { login } = freeLogin(rotation, request, now);
  refuseBusy(before.record);

  const password = randomBytes(24).toString('base64url');
  const verifier = makeScramVerifier(password);
  const until = wireTime(new Date(now.getTime() + grace * 1000).toISOString());
  const [name, former] = login === 'own' ? [username, other] : [other, username];
  const stored = login === 'own' ? withOwn(before.stored, username, verifier, until) : withOther(before.stored, username, { other, otherVersion: passwordVersion(verifier), ownUntil: until }); // prettier-ignore
  const prepared = { stored, secrets: await sealedSecrets(deps, [[verifierSecret(id, name), verifier]]) };
  const { task } = await changeSpec(deps, before, prepared, { type: 'update', input: {} }, () => NOTHING);
  return { task, username: name, password, former: { username: former, valid_until: until } };
}

/** The name of the second login. */
function refuseUnfit(stored: StoredSpec, username: string): string {
  const { database_users: users = [] } = stored.spec;
  const user = users.find((one) => one.username === username);
  if (!user) throw new DomainError('not_found', `the database has no user '${username}' in its spec`);
  const logsIn = !(user.attributes ?? []).some((word) => word.toUpperCase() === 'NOLOGIN');
  if (passwordVersionOf(stored, username) === undefined || !logsIn)
    throw new DomainError('operation_refused', `user '${username}' does not log in with a password`);
  const other = otherLogin(username);
  if (other === undefined)
    throw new DomainError('operation_refused', `user '${username}': its second login would have a name of more than 63 bytes`); // prettier-ignore
  if (users.some((one) => one.username === other))
    throw new DomainError('operation_refused', `user '${username}': its second login would be '${other}', which is another user`); // prettier-ignore
  return other;
}

const rotationOf = ({ rotations = {} }: StoredSpec, username: string): Rotation | undefined =>
  Object.hasOwn(rotations, username) ? rotations[username] : undefined;

function freeLogin(rotation: Rotation | undefined, { username, end_former: ends }: RotationRequest, now: Date) {
  const next = nextLogin(rotation);
  const { login, until } = next;
  const isGood = until === 'for good' || (until !== undefined && Date.parse(until) > now.getTime());
  if (!isGood || ends === true) return next;
  const name = login === 'own' ? username : (rotation?.other ?? '');
  throw new DomainError(
    'operation_refused',
    `two logins of '${username}' are good: '${name}' ${until === 'for good' ? 'for good' : `until ${String(until)}`}. Wait, or end it now: end_former`,
  );
}

function withOwn(stored: StoredSpec, username: string, verifier: string, otherUntil: string): StoredSpec {
  const { ownUntil: _ended, ...known } = rotationOf(stored, username) as Rotation;
  return {
    ...stored,
    passwordVersions: { ...stored.passwordVersions, [username]: passwordVersion(verifier) },
    rotations: { ...stored.rotations, [username]: { ...known, otherUntil } },
  };
}

const withOther = (stored: StoredSpec, username: string, rotation: Rotation): StoredSpec => ({
  ...stored,
  rotations: { ...stored.rotations, [username]: rotation },
});
