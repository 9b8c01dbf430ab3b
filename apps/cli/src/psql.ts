import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { components } from '@windlass/client';
import { CommandError, EXIT, ProgramEnded } from './exit.ts';
import type { Terminal } from './terminal.ts';

type Login = components['schemas']['OpenLoginResponse'];

const MISSING = `psql is not in PATH; install it: apt install postgresql-client (Debian, Ubuntu), dnf install postgresql (Fedora, RHEL),
brew install libpq (macOS), or use another client with: windlass db dsn`;

/** Before a login is made that nobody would use. */
export function requirePsql({ programs }: Terminal): void {
  if (!programs.has('psql')) throw new CommandError(EXIT.failed, MISSING);
}

/**
 * Runs psql with a login. The password and the certificate are in files that only the caller reads, and that go with psql: arguments
 * and environments are seen by more.
 */
export async function runPsql(
  terminal: Terminal,
  login: Login,
  { args, readOnly }: { readonly args: readonly string[]; readonly readOnly: boolean },
): Promise<void> {
  const folder = mkdtempSync(path.join(terminal.env['TMPDIR'] ?? tmpdir(), 'windlass-psql-'));
  const [ca, passwords] = ['ca.crt', 'pgpass'].map((name) => path.join(folder, name)) as [string, string];
  try {
    writeFileSync(ca, login.ca, { mode: 0o600 });
    writeFileSync(passwords, `*:*:*:${login.login.username}:${login.password}\n`, { mode: 0o600 });
    const status = await terminal.programs.run('psql', args, {
      ...environment(terminal, login, ca, passwords),
      // A session that reads only is none for writes, wherever it is.
      PGTARGETSESSIONATTRS: readOnly ? 'primary' : 'read-write',
    });
    if (status !== 0) throw new ProgramEnded(status);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of the user's own settings those that do not say where, as whom or how to connect. */
const KEPT = new Set(['PGAPPNAME', 'PGCLIENTENCODING', 'PGDATESTYLE', 'PGOPTIONS', 'PGTZ']);

function environment({ env }: Terminal, { login, addresses }: Login, ca: string, passwords: string) {
  const own = Object.entries(env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && (!pair[0].startsWith('PG') || KEPT.has(pair[0])),
  );
  return {
    ...Object.fromEntries(own),
    PGHOST: addresses.map(({ host }) => host).join(','),
    PGPORT: addresses.map(({ port }) => String(port)).join(','),
    PGDATABASE: login.database_name,
    PGUSER: login.username,
    PGPASSFILE: passwords,
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: ca,
    PGCONNECT_TIMEOUT: '3',
  };
}
