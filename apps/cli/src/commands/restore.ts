import type { Command } from 'commander';
import type { components } from '@windlass/client';
import { CommandError, EXIT, usageError } from '../exit.ts';
import { accepted, type WaitFlags } from '../follow.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf } from '../session.ts';
import { readDatabase } from '../read-database.ts';
import { sure } from '../entity.ts';
import { withWait } from './operations.ts';

type Spec = components['schemas']['DatabaseSpec'];
type Config = components['schemas']['RestoreConfigInput'];
type Flags = WaitFlags & { to?: string; set?: string; undo?: boolean; node?: string; yes?: boolean };

/** `restore --to|--set|--undo`: a database from its own backups. */
export const addRestore: AddCommands = (program, terminal) => {
  withWait(program.command('restore <database>').description('bring back a moment, or what ran before the last restore'))
    .option('--to <time>', 'the moment, as in 2026-01-31T12:00:00Z')
    .option('--set <label>', 'from this backup, as in windlass backup list; without --to as it was when it ended')
    .option('--undo', 'put back what ran before the last restore')
    .option('--node <node>', 'only this one')
    .option('-y, --yes', 'do not ask')
    .action(async (database_id: string, flags: Flags, command: Command) => {
      const session = sessionOf(command, terminal);
      const named = [flags.to ?? flags.set, flags.undo].filter((one) => one !== undefined);
      if (named.length !== 1) throw usageError('give --to, --set, or --undo');
      const { api } = await session.client();
      const nodes = flags.node === undefined ? {} : { target_nodes: [flags.node] };
      const params = { path: { database_id } };
      if (flags.undo === true) {
        await sure(session, flags.yes, `Put back what ${database_id} ran with before its last restore?`);
        return accepted(session, (await api.POST('/v1/databases/{database_id}/restore:undo', { params, body: nodes })).data, flags);
      }
      const { spec } = await readDatabase(session, database_id);
      const restore_config = restoreFrom(database_id, spec, flags, 'immediate');
      await sure(session, flags.yes, `Restore ${database_id} to ${flags.to ?? flags.set ?? ''}? Its present data is kept for 24 h.`);
      const body = { restore_config, ...nodes };
      return accepted(session, (await api.POST('/v1/databases/{database_id}/restore', { params, body })).data, flags);
    });
}; // prettier-ignore

type Source = Pick<Flags, 'to' | 'set' | 'node'>;

/**
 * From the first repository of the node, or of the database. With a time to that moment; without one to the end of the backup, or to the end
 * of what is archived (`default`) where no backup is named.
 */
export function restoreFrom(
  id: string,
  spec: Spec | undefined,
  { to, set, node }: Source,
  otherwise: 'immediate' | 'default',
): Config {
  const source = spec?.nodes.find(({ name }) => node === undefined || name === node);
  const [repository] = (source?.backup_config ?? spec?.backup_config)?.repositories ?? [];
  if (!spec || !source) throw new CommandError(EXIT.notFound, `database ${id} has no node ${node ?? ''}`);
  if (!repository) throw new CommandError(EXIT.refused, `database ${id} has no backups: its spec has no backup_config`);
  const when =
    to !== undefined ? { type: 'time', target: targetOf(to) } : { type: set === undefined ? otherwise : 'immediate' };
  return {
    source_database_id: id,
    source_node_name: source.name,
    source_database_name: spec.database_name,
    repository: whereOf(repository),
    restore_options: { ...when, ...(set !== undefined && { set }) },
  };
}

/** What a restore has to know of it: not for how long backups are kept. */
function whereOf(repository: components['schemas']['BackupRepository']): Config['repository'] {
  const { retention_full: _full, retention_full_type: _type, ...where } = repository;
  return where;
}

/** As Postgres writes times. */
function targetOf(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw usageError(`'${text}' is no time: 2026-01-31T12:00:00Z`);
  return time.toISOString().replace('T', ' ').replace('Z', '+00');
}
