import type { Command } from 'commander';
import { findCheckout } from '../checkout.ts';
import { CommandError, EXIT, usageError } from '../exit.ts';
import type { AddCommands } from '../program.ts';
import type { Terminal } from '../terminal.ts';

const HOW = 'give --checkout FOLDER: git clone the sources of Windlass there first';

/** `up|down`: the stack of this machine, which the scripts of a checkout start and stop. */
export const addStack: AddCommands = (program, terminal) => {
  const script = (name: 'up' | 'down', says: string): Command =>
    program.command(name).description(says).option('--checkout <folder>', 'the sources of Windlass; unless told this folder, or one above it'); // prettier-ignore
  script('up', 'install what is missing and start everything on this machine (bin/up)')
    .option('--no-example', 'without the example database')
    .action(({ checkout, example }: { checkout?: string; example: boolean }) =>
      run('up', checkout, example ? [] : ['--no-example']),
    );
  script('down', 'stop what bin/up started; databases keep running (bin/down)')
    .option('--purge', 'delete databases and all data, too')
    .option('-y, --yes', 'do not ask')
    .action(async ({ checkout, purge, yes }: { checkout?: string; purge?: boolean; yes?: boolean }) => {
      const sure = purge !== true || yes === true || (await terminal.confirm('Delete all databases and all data of this machine?')); // prettier-ignore
      if (!sure) throw usageError('nothing was done: say yes, or give --yes');
      await run('down', checkout, purge === true ? ['--purge'] : []);
    });

  async function run(name: string, told: string | undefined, args: readonly string[]): Promise<void> {
    const folder = findCheckout(terminal, told);
    if (folder === undefined)
      throw usageError(`${told ?? 'this folder'} is no checkout of Windlass, and bin/${name} is in one: ${HOW}`);
    const code = await terminal.programs.run(`${folder}/bin/${name}`, args, definedIn(terminal.env));
    if (code !== 0) throw new CommandError(EXIT.failed, `bin/${name} ended with ${String(code)}`);
  }
};

const definedIn = (env: Terminal['env']): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined));
