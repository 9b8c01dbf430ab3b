import type { Command } from 'commander';
import type { components } from '@windlass/client';
import type { ApplyFlags } from '../declarations/apply.ts';
import { CommandError, EXIT, usageError } from '../exit.ts';
import { readDatabase } from '../read-database.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf, type Session } from '../session.ts';
import { withWait } from './operations.ts';

type Nodes = components['schemas']['DatabaseSpec']['nodes'];

/** What databases alone have: nodes. */
export const addDatabases: AddCommands = (program, terminal) => {
  const group = program.command('node').description('nodes of a database');
  changing('add <database> <node>', 'another node of a database')
    .requiredOption('--host <host...>', 'where its instances run')
    .action(async (id: string, name: string, { host, ...flags }: ApplyFlags & { host: string[] }, command: Command) =>
      changeNodes(sessionOf(command, terminal), id, flags, (nodes) => {
        if (nodes.some((node) => node.name === name)) throw usageError(`database ${id} has a node ${name} already`);
        return [...nodes, { name, host_ids: host }];
      }),
    );
  changing('remove <database> <node>', 'do without a node').action(
    async (id: string, name: string, flags: ApplyFlags, command: Command) =>
      changeNodes(sessionOf(command, terminal), id, flags, (nodes) => {
        if (nodes.some((node) => node.name === name)) return nodes.filter((node) => node.name !== name);
        throw new CommandError(EXIT.notFound, `database ${id} has no node ${name}`);
      }),
  );

  function changing(usage: string, says: string): Command {
    const command = group.command(usage).description(`${says}: shows the plan and asks`);
    return withWait(command).option('-y, --yes', 'do not ask').option('--dry-run', 'only show the plan');
  }
};

/** Secrets are not in what is read; an update that leaves them out keeps them. */
async function changeNodes(
  session: Session,
  id: string,
  flags: ApplyFlags,
  change: (nodes: Nodes) => Nodes,
): Promise<void> {
  const { spec, revision } = await readDatabase(session, id);
  if (!spec) throw new CommandError(EXIT.failed, `database ${id} has no spec that can be read`);
  const { apply } = await import('../declarations/apply.ts');
  const body = { id, spec: { ...spec, nodes: change(spec.nodes) } };
  await apply(session, { kind: 'database', id, body, revision }, flags);
}
