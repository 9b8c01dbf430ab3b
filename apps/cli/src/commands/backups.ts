import { Option, type Command } from 'commander';
import { accepted, type WaitFlags } from '../follow.ts';
import { printList } from '../output/print.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf } from '../session.ts';
import { sure } from '../entity.ts';
import { withWait } from './operations.ts';

const TYPES = ['full', 'diff', 'incr'] as const;
const NODE = '/v1/databases/{database_id}/nodes/{node_name}/backups';

/** `backup create|list|verify|delete` of a node. */
export const addBackups: AddCommands = (program, terminal) => {
  const group = program.command('backup').description('backups of a node');
  withWait(group.command('create <database> <node>').description('take one now'))
    .addOption(new Option('--type <type>', 'of which kind').choices(TYPES).default('full'))
    .action(async (database_id: string, node_name: string, flags: WaitFlags & { type: (typeof TYPES)[number] }, command: Command) => {
      const session = sessionOf(command, terminal);
      const { api } = await session.client();
      const { data } = await api.POST(NODE, { params: { path: { database_id, node_name } }, body: { type: flags.type } });
      return accepted(session, data, flags);
    }); // prettier-ignore
  group
    .command('list <database> <node>')
    .description('what there is, and the times it can be restored to')
    .action(async (database_id: string, node_name: string, _flags, command: Command) => {
      const session = sessionOf(command, terminal);
      const { data } = await (await session.client()).api.GET(NODE, { params: { path: { database_id, node_name } } });
      await printList(session, 'backup', data?.backups.map((one) => ({ ...one })) ?? []);
      if (session.format === 'table' && data?.earliest_restorable !== undefined)
        terminal.err(`restorable from ${data.earliest_restorable} to ${data.latest_restorable ?? 'now'}\n`);
    });
  withWait(
    group.command('verify <database> <node> <label>').description('restore one aside and read all of it'),
  ).action(async (database_id: string, node_name: string, label: string, flags: WaitFlags, command: Command) => {
    const session = sessionOf(command, terminal);
    const path = { database_id, node_name, label };
    const { data } = await (await session.client()).api.POST(`${NODE}/{label}/verify`, { params: { path } });
    return accepted(session, data, flags);
  });
  withWait(group.command('delete <database> <node> <label>').description('remove one, and those that need it'))
    .option('-y, --yes', 'do not ask')
    .action(async (database_id: string, node_name: string, label: string, flags: WaitFlags & { yes?: boolean }, command: Command) => {
      const session = sessionOf(command, terminal);
      await sure(session, flags.yes, `Delete backup ${label} of ${database_id} ${node_name} and those that need it?`);
      const path = { database_id, node_name, label };
      const { data } = await (await session.client()).api.DELETE(`${NODE}/{label}`, { params: { path } });
      return accepted(session, data, flags);
    }); // prettier-ignore
};
