import type { DatabaseSpec, StoredSpec } from './database.ts';
import { makeScramVerifier, matchesScramVerifier, passwordVersion } from './scram.ts';
import { removePasswords } from './wire.ts';

/** A spec that may be stored, and the verifiers (by user name) that go with it, to be stored sealed. */
export interface Sealed {
  readonly stored: StoredSpec;
  readonly verifiers: ReadonlyMap<string, string>;
}

function verifierFor(password: string | undefined, known: string | undefined): string | undefined {
  if (password === undefined) return known;
  return known !== undefined && matchesScramVerifier(password, known) ? known : makeScramVerifier(password);
}

/**
 * Takes the passwords out of a spec. `known` holds the verifiers stored before: one stays when the password is left
 * out or still the same, so that nothing changes. A user that has neither gets no password.
 */
export function sealPasswords(spec: DatabaseSpec, known: ReadonlyMap<string, string> = new Map()): Sealed {
  const verifiers = new Map<string, string>();
  for (const { username, password } of spec.database_users ?? []) {
    const verifier = verifierFor(password, known.get(username));
    if (verifier !== undefined) verifiers.set(username, verifier);
  }
  const versions = [...verifiers].map(([username, verifier]) => [username, passwordVersion(verifier)] as const);
  return { stored: { spec: removePasswords(spec), passwordVersions: Object.fromEntries(versions) }, verifiers };
}

/** The version of a user's password, whatever the user is called (`constructor`, `__proto__`). */
export function passwordVersionOf(stored: Pick<StoredSpec, 'passwordVersions'>, username: string): string | undefined {
  return Object.hasOwn(stored.passwordVersions, username) ? stored.passwordVersions[username] : undefined;
}
