import type { Command } from 'commander';
import type { components } from '@windlass/client';
import { CommandError, EXIT, usageError } from '../exit.ts';
import { secondsOf } from '../follow.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf, type Session } from '../session.ts';
import { readDatabase } from '../read-database.ts';
import { addCreate } from './create.ts';

type Request = components['schemas']['OpenLoginRequest'];

interface DsnFlags {
  readonly node?: string;
  readonly user?: string;
  readonly read?: boolean;
}
interface PsqlFlags {
  readonly node?: string;
  readonly user?: string;
  readonly readOnly?: boolean;
  readonly superuser?: boolean;
  readonly for?: string;
}

/** How to reach a database: `db dsn|psql`. */
export const addConnections: AddCommands = (program, terminal) => {
  const group = program.command('db').description('databases');
  addCreate(group, terminal);
  group
    .command('dsn <database>')
    .description('the connection string of a node, which verifies the server; without the password')
    .option('--node <node>', 'of this one, and not the first')
    .option('--user <name>', 'for this user')
    .option('--read', 'for reads, at a replica where there is one')
    .action(async (id: string, flags: DsnFlags, command: Command) =>
      terminal.out(`${await dsnOf(sessionOf(command, terminal), id, flags)}\n`),
    );
  group
    .command('psql <database> [arguments...]')
    .description('psql with a login of your own for an hour, as the owner of the database; after -- what psql takes')
    .option('--node <node>', 'at this one, and not the first')
    .option('--user <name>', 'with the rights of this user')
    .option('--read-only', 'sees every table, and changes nothing')
    .option('--superuser', 'with every right; for admins')
    .option('--for <time>', 'how long, at most 1h: 10m')
    .action(async (id: string, args: readonly string[], flags: PsqlFlags, command: Command) => {
      const { requirePsql, runPsql } = await import('../psql.ts');
      requirePsql(terminal);
      const body = requestOf(flags);
      const { api } = await sessionOf(command, terminal).client();
      const path = { database_id: id };
      const { data: login } = await api.POST('/v1/databases/{database_id}/logins', { params: { path }, body });
      if (!login) throw new CommandError(EXIT.failed, 'the server answered without a login');
      const { username, acts_as, node_name, expires_at } = login.login;
      terminal.err(`${username} at ${node_name} works as ${acts_as} until ${expires_at}\n`);
      await runPsql(terminal, login, { args, readOnly: flags.readOnly === true });
    });
};

function requestOf({ node, user, readOnly, superuser, for: time }: PsqlFlags): Request {
  if ([user !== undefined, readOnly, superuser].filter((one) => one === true).length > 1)
    throw usageError('--user, --read-only and --superuser do not go together');
  return {
    ...(readOnly === true && { access: 'read' as const }),
    ...(superuser === true && { access: 'superuser' as const }),
    ...(user !== undefined && { user }),
    ...(node !== undefined && { node }),
    ...(time !== undefined && { seconds: secondsOf(time) }),
  };
}

async function dsnOf(session: Session, id: string, flags: DsnFlags): Promise<string> {
  const { nodes = [] } = await readDatabase(session, id);
  const node = nodes.find(({ name }) => flags.node === undefined || name === flags.node);
  if (!node) throw new CommandError(EXIT.notFound, `database ${id} has no node ${flags.node ?? ''}`);
  if (!node.connection_info) throw new CommandError(EXIT.failed, `node ${node.name} has no published port now`);
  const { api } = await session.client();
  const { data } = await api.GET('/v1/databases/{database_id}/ca', { params: { path: { database_id: id } } });
  if (!data) throw new CommandError(EXIT.failed, 'the server answered without a certificate');
  const { keepCa } = await import('../config/ca-files.ts');
  const file = encodeURIComponent(keepCa(session.terminal, data.certificate));
  const text = node.connection_info[flags.read === true ? 'verified_reader' : 'verified_writer'];
  const user = flags.user === undefined ? '' : `${encodeURIComponent(flags.user)}@`;
  return text.replace('://', `://${user}`).replace('sslrootcert=ca.crt', `sslrootcert=${file}`);
}
