import type { Command } from 'commander';
import { accepted, type WaitFlags } from '../follow.ts';
import { printList, printValue } from '../output/print.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf } from '../session.ts';
import { sure } from '../entity.ts';
import { withWait } from './operations.ts';

/** `host list|join|remove`. */
export const addHosts: AddCommands = (program, terminal) => {
  const group = program.command('host').description('machines that run databases');
  group
    .command('list')
    .description('all of them')
    .action(async (_flags, command: Command) => {
      const session = sessionOf(command, terminal);
      const { data } = await (await session.client()).api.GET('/v1/hosts');
      return printList(session, 'host', data?.hosts.map((host) => ({ ...host })) ?? []);
    });
  group
    .command('join')
    .description('the line that makes another machine a host, to be run there; it holds a secret')
    .action(async (_flags, command: Command) => {
      const session = sessionOf(command, terminal);
      const { data } = await (await session.client()).api.GET('/v1/cluster/join-token');
      if (session.format === 'json' || session.format === 'yaml') return printValue(session, data);
      const servers = data?.server_urls.map((url) => ` --server ${url}`).join('') ?? '';
      terminal.out(`bin/host join --token ${data?.token ?? ''}${servers}\n`);
    });
  withWait(group.command('remove <host>').description('its databases are updated to do without it'))
    .option('-y, --yes', 'do not ask')
    .option('--force', 'also when instances are on it; also when it is dead')
    .action(async (host_id: string, flags: WaitFlags & { yes?: boolean; force?: boolean }, command: Command) => {
      const session = sessionOf(command, terminal);
      await sure(session, flags.yes, `Remove host ${host_id}?`);
      const params = { path: { host_id }, query: flags.force === true ? { force: true } : {} };
      const { data } = await (await session.client()).api.DELETE('/v1/hosts/{host_id}', { params });
      return accepted(session, data, flags);
    });
};
