import type { Command } from 'commander';
import { CommandError, EXIT } from '../exit.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf } from '../session.ts';

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'dim' } as const;

/** `doctor`: what is wrong, and what to do about it. */
export const addDoctor: AddCommands = (program, terminal) => {
  program
    .command('doctor')
    .description('looks at the server, its hosts and this machine; each line that is not ok says what to do')
    .action(async (_options, command: Command) => {
      const session = sessionOf(command, terminal);
      const [{ lookAtServer }, { lookAtMachine }] = await Promise.all([import('../doctor/server.ts'), import('../doctor/machine.ts')]); // prettier-ignore
      const found = [...(await lookAtServer(await session.client())), ...(await lookAtMachine(terminal))];
      if (session.format === 'json' || session.format === 'yaml') {
        const { printValue } = await import('../output/print.ts');
        await printValue(session, found);
      } else {
        for (const { what, state, says, fix } of found) {
          terminal.out(`${session.paint(COLOURS[state], state.padEnd(5))} ${what}: ${says}\n`);
          if (fix !== undefined) terminal.out(`      do: ${fix}\n`);
        }
      }
      const failed = found.filter(({ state }) => state === 'fail').length;
      if (failed > 0) throw new CommandError(EXIT.failed, `${String(failed)} of ${String(found.length)} are not well`);
    });
};
