import type { Command } from 'commander';
import { callOn, declarationOf, missing, readEntity, sure } from '../entity.ts';
import { accepted, type WaitFlags } from '../follow.ts';
import { printList, printOne, printValue } from '../output/print.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf } from '../session.ts';

/** `get|describe|export|delete` of whatever kind the API has. */
export const addEntities: AddCommands = (program, terminal) => {
  const session = (command: Command) => sessionOf(command, terminal);
  program
    .command('get <kind> [id]')
    .description('a list, or one')
    .action(async (kind: string, id: string | undefined, _options, command) => {
      const here = session(command);
      const found = await here.kind(kind);
      if (id !== undefined) return printOne(here, found.noun, await readEntity(here, found, id));
      const { objectsOf } = await import('@windlass/client');
      const answer = await (await here.client()).request('GET', found.list.path);
      return printList(here, found.noun, objectsOf(answer, found.plural));
    });
  program
    .command('describe <kind> <id>')
    .description('all that is known of one, on one screen')
    .action(async (kind: string, id: string, _options, command) => {
      const here = session(command);
      const { describe } = await import('../output/describe.ts');
      return describe(here, await here.kind(kind), id);
    });
  program
    .command('export <kind> <id>')
    .description('as a declaration, without secrets, to be applied again')
    .action(async (kind: string, id: string, _options, command) => {
      const here = session(command);
      const found = await here.kind(kind);
      return printValue(here, declarationOf(found, await readEntity(here, found, id)));
    });
  program
    .command('delete <kind> <id>')
    .description('delete one and everything it has')
    .option('-y, --yes', 'do not ask')
    .option('--force', 'also while something runs')
    .option('--wait', 'until it is done')
    .option('--timeout <time>', 'how long to wait: 90s, 5m')
    .action(async (kind: string, id: string, flags: WaitFlags & { yes?: boolean; force?: boolean }, command) => {
      const here = session(command);
      const found = await here.kind(kind);
      const operation = found.delete ?? missing(found, 'deleted');
      await sure(here, flags.yes, `Delete ${found.noun} ${id} and everything it has?`);
      return accepted(here, await callOn(here, operation, [id], { force: flags.force }), flags);
    });
};
