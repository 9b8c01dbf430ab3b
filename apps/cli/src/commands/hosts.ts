import type { Command } from 'commander';
import { accepted, type WaitFlags } from '../follow.ts';
import { printList, printValue } from '../output/print.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf, type Session } from '../session.ts';
import { sure } from '../entity.ts';
import { withWait } from './operations.ts';

/** `host list|join|remove|drain|resume`. */
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
  withWait(group.command('drain <host>').description('place nothing new on it, and lead its primaries away'))
    .option('-y, --yes', 'do not ask')
    .option('--dry-run', 'only say what would move, and what stays')
    .action(async (host_id: string, flags: DrainFlags, command: Command) =>
      drain(sessionOf(command, terminal), host_id, flags),
    );
  group
    .command('resume <host>')
    .description('a drained host takes databases again')
    .action(async (host_id: string, _flags, command: Command) => {
      const { api } = await sessionOf(command, terminal).client();
      await api.POST('/v1/hosts/{host_id}:resume', { params: { path: { host_id } } });
      terminal.out(`host ${host_id} takes databases again\n`);
    });
};

type DrainFlags = WaitFlags & { readonly yes?: boolean; readonly dryRun?: boolean };

async function drain(session: Session, host_id: string, flags: DrainFlags): Promise<void> {
  const { api } = await session.client();
  const params = { path: { host_id } };
  const { data: plan } = await api.GET('/v1/hosts/{host_id}/drain', { params });
  if (flags.dryRun === true && session.format !== 'table' && session.format !== 'wide')
    return printValue(session, plan);
  const { terminal } = session;
  const say = flags.dryRun === true ? terminal.out : terminal.err;
  for (const { instance_id, node_name, database_id, to = 'a replica elsewhere' } of plan?.moves ?? [])
    say(
      `${instance_id} hands node ${node_name} of database ${database_id} over to ${to}: writers wait about a second\n`,
    );
  for (const { instance_id, reason } of plan?.stays ?? []) say(`${instance_id} stays: ${reason}\n`);
  if (flags.dryRun === true) return;
  await sure(session, flags.yes, `Drain host ${host_id}?`);
  const { data } = await api.POST('/v1/hosts/{host_id}:drain', { params });
  return accepted(session, data, flags);
}
