import type { ExecResult } from '../clients/ports.ts';
import type { ErrorName } from '../../errors/index.ts';
import { pgbackrestError } from '../inside/index.ts';

export interface Finding {
  readonly code: Extract<ErrorName, 'backup_damaged' | 'backup_not_verified'>;
  /** What follows the backup's label. */
  readonly words: string;
}

const damaged = (words: string): Finding => ({ code: 'backup_damaged', words });
const notVerified = (why: string): Finding => ({
  code: 'backup_not_verified',
  words: ` could not be verified: ${why}`,
});

/**
 * What `pgbackrest verify` says of the files; undefined when all is well, and when it does not say what is wrong: then the
 * restore does. Files that it could not open prove nothing.
 */
export function faultOf(said: string): Finding | undefined {
  if (/(?:missing|(?:checksum|size) invalid): [1-9]|status: manifest missing/.test(said))
    return damaged(`: ${faultsOf(said)}`);
  return /other: [1-9]/.test(said) ? notVerified(`files of it cannot be read: ${faultsOf(said)}`) : undefined;
}

/** The lines in which pgBackRest names what is wrong, as one. */
const faultsOf = (said: string): string =>
  said
    .split('\n')
    .filter(
      (line) =>
        /invalid|missing|unable|error/i.test(line) &&
        !/missing: 0, checksum invalid: 0, size invalid: 0, other: 0/.test(line),
    )
    .map((line) => line.trim())
    .slice(0, 3)
    .join('; ');

/** SQLSTATEs of data that is not what it was: a page, an index, a file that the catalogs name. */
const UNREADABLE = /^(?:XX001|XX002|58P01)$/;
/** Of the same class, but about the server: a library that the backup's database uses, a place for a tablespace. */
const ABOUT_THE_SERVER =
  /could not (?:access file|load library|open extension|find function)|^directory ".*" does not exist$/;
/** What older versions say of WAL and control data without a SQLSTATE of their own. */
const UNREADABLE_WORDS =
  /could not (?:locate (?:a valid|required) checkpoint record|find redo location)|invalid (?:primary )?checkpoint|invalid page in block|incorrect checksum|has no file for|WAL ends before|could not open file "(?:base|global|pg_tblspc|pg_xact|pg_multixact)/;
/** Exit codes of pgBackRest: a checksum or a format is wrong, a file of the backup is missing. Postgres and psql end with 1 to 3. */
const PGBACKREST_DAMAGE = new Set([26, 29, 55]);
const PGBACKREST_FIRST = 25;

/** Why a restore into a throw-away instance, or the reading of it, did not work. */
export function reasonOf(result: ExecResult): Finding {
  const { exitCode, stdout, stderr } = result;
  if (exitCode >= PGBACKREST_FIRST && exitCode < 128) {
    const { message } = pgbackrestError('restore', result);
    return PGBACKREST_DAMAGE.has(exitCode) ? damaged(` cannot be restored: ${message}`) : notVerified(message);
  }
  const faults = `${stdout}\n${stderr}`.split('\n').flatMap((line) => {
    const [, state = '', text] = /^(?:\[(\w{5})\] )?.*?(?:FATAL|PANIC|ERROR|error):\s*(.*)$/.exec(line) ?? [];
    return text === undefined ? [] : [{ state, text }];
  });
  const unreadable = faults.filter(
    ({ state, text }) => (UNREADABLE.test(state) || UNREADABLE_WORDS.test(text)) && !ABOUT_THE_SERVER.test(text),
  );
  const [first] = unreadable;
  if (first) return damaged(` cannot be restored and read: ${first.text}`);
  return notVerified(faults.at(-1)?.text ?? `exit code ${String(exitCode)}`);
}
