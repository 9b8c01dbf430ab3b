import type { Command } from 'commander';
import type { components } from '@windlass/client';
import { CommandError, EXIT, usageError } from '../exit.ts';
import type { ApplyFlags } from '../declarations/apply.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf, type Session } from '../session.ts';
import { readDatabase } from '../read-database.ts';
import { withWait } from './operations.ts';
import { restoreFrom } from './restore.ts';

type Spec = components['schemas']['DatabaseSpecInput'];
type Flags = ApplyFlags & {
  host: string[];
  name?: string;
  user: string;
  passwordFile?: string;
  port?: string;
  postgresVersion?: string;
  to?: string;
  set?: string;
  node?: string;
};

/** `db create`: the declaration that a first database mostly has, from flags. */
export function addCreate(db: Command, terminal: Parameters<AddCommands>[1]): void {
  declaring(db.command('create <id>').description('declare a database of one node: shows the plan and asks'))
    .option('--name <name>', 'of the database in Postgres; unless told the id, with _ for -')
    .option('--postgres-version <version>', 'as in 17 or 17.6; unless told what the hosts have')
    .action(async (id: string, flags: Flags, command: Command) => {
      const session = sessionOf(command, terminal);
      const spec: Spec = {
        database_name: flags.name ?? id.replaceAll('-', '_'),
        ...(flags.postgresVersion !== undefined && { postgres_version: flags.postgresVersion }),
        ...(await common(session, flags)),
      };
      await declare(session, id, spec, flags);
    });
}

/** `clone`: another database that begins as one is, or was; its source does not notice. */
export const addClone: AddCommands = (program, terminal) => {
  declaring(program.command('clone <database> <id>').description('another database from the backups of one: shows the plan and asks')) // prettier-ignore
    .option('--name <name>', 'of the database in Postgres; unless told that of the source')
    .option('--to <time>', 'as it was then; unless told as far as is archived')
    .option('--set <label>', 'from this backup; without --to as it was when that ended')
    .option('--node <node>', 'of this node of the source, and not the first')
    .action(async (source: string, id: string, flags: Flags, command: Command) => {
      const session = sessionOf(command, terminal);
      const { spec } = await readDatabase(session, source);
      const restore_config = restoreFrom(source, spec, flags, 'default');
      const version = spec?.postgres_version;
      const wanted: Spec = {
        database_name: flags.name ?? restore_config.source_database_name,
        ...(version !== undefined && { postgres_version: version }),
        ...(await common(session, flags)),
        restore_config,
      };
      await declare(session, id, wanted, flags);
    });
};

const declaring = (command: Command): Command =>
  withWait(command)
    .requiredOption('--host <host...>', 'where its instances run; the first one begins as primary')
    .option('--user <name>', 'its owner', 'app')
    .option(
      '--password-file <file>',
      "the owner's password; - reads it from the input; unless told one is made and printed once",
    ) // prettier-ignore
    .option('--port <port>', 'where it listens; unless told a free one')
    .option('-y, --yes', 'do not ask')
    .option('--dry-run', 'only show the plan');

async function common(session: Session, { host, user, port = '0', ...flags }: Flags) {
  if (!/^\d{1,5}$/.test(port)) throw usageError(`'${port}' is no port`);
  const owner = { username: user, password: await passwordOf(session, flags), db_owner: true, attributes: ['LOGIN'] };
  return { port: Number(port), nodes: [{ name: 'n1', host_ids: host }], database_users: [owner] };
}

/** One that is made is shown when the database is accepted, and nowhere again. */
const made = new WeakMap<Session, string>();

async function passwordOf(session: Session, { passwordFile: file }: Pick<Flags, 'passwordFile'>): Promise<string> {
  if (file === undefined) {
    const { randomBytes } = await import('node:crypto');
    const password = randomBytes(18).toString('base64url');
    made.set(session, password);
    return password;
  }
  const { readSecret } = await import('../config/secret-file.ts');
  const password = await readSecret(session.terminal, file);
  if (password === '') throw usageError(`--password-file: ${file} is empty`);
  return password;
}

async function declare(session: Session, id: string, spec: Spec, flags: Flags): Promise<void> {
  const { apply, exists } = await import('../declarations/apply.ts');
  if (await exists(session, 'database', id))
    throw new CommandError(EXIT.refused, `there is a database ${id} already: windlass edit database ${id}, or another id`); // prettier-ignore
  const show = (): void => {
    const password = made.get(session);
    if (password !== undefined) session.terminal.err(`password of ${flags.user}, shown this once: ${password}\n`);
  };
  await apply(session, { kind: 'database', id, body: { id, spec } }, flags, show);
}
