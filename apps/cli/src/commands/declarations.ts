import type { Command } from 'commander';
import type { ApplyFlags } from '../declarations/apply.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf, type Session } from '../session.ts';
import { withWait } from './operations.ts';

type Files = { readonly file: readonly string[] };
const FILE = ['-f, --file <file...>', 'YAML or JSON, many documents in one or a folder; - reads the input'] as const;

/** `apply|plan|diff|edit`: what files declare, and what there is. */
export const addDeclarations: AddCommands = (program, terminal) => {
  withWait(program.command('apply').description('make it so: shows the plan and asks'))
    .requiredOption(...FILE)
    .option('-y, --yes', 'do not ask')
    .option('--dry-run', 'only show the plan')
    .action(async ({ file, ...flags }: Files & ApplyFlags, command: Command) => {
      const session = sessionOf(command, terminal);
      const { apply } = await import('../declarations/apply.ts');
      for (const wanted of await read(session, file)) await apply(session, wanted, flags);
    });
  program
    .command('plan')
    .description('what apply would do, and why; changes nothing')
    .requiredOption(...FILE)
    .action(async ({ file }: Files, command: Command) => {
      const session = sessionOf(command, terminal);
      const { apply } = await import('../declarations/apply.ts');
      for (const wanted of await read(session, file)) await apply(session, wanted, { dryRun: true });
    });
  program
    .command('diff')
    .description('fields that are declared and are not so; secrets are not compared')
    .requiredOption(...FILE)
    .action(async ({ file }: Files, command: Command) => {
      const session = sessionOf(command, terminal);
      const { showDifferences } = await import('../output/differences.ts');
      for (const wanted of await read(session, file)) await showDifferences(session, wanted);
    });
  withWait(program.command('edit <kind> <id>').description('change a declaration in an editor, and apply it'))
    .option('-y, --yes', 'do not ask')
    .action(async (kind: string, id: string, flags: ApplyFlags, command: Command) => {
      const { edit } = await import('../declarations/edit.ts');
      return edit(sessionOf(command, terminal), kind, id, flags);
    });
};

async function read({ terminal }: Session, files: readonly string[]) {
  const { readDeclarations } = await import('../declarations/read.ts');
  return readDeclarations(terminal, files);
}
