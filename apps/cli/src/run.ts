import { CommanderError } from 'commander';
import { CommandError, EXIT, exitCodeOf, ProgramEnded, wordsOf, type ExitCode } from './exit.ts';
import { makeProgram } from './program.ts';
import { painter, type Terminal } from './terminal.ts';

/** The whole command: reads the arguments, does it, and says how it ended. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode | number> {
  try {
    await makeProgram(terminal).parseAsync([...args], { from: 'user' });
    return EXIT.ok;
  } catch (err) {
    // It has said already what is wrong.
    if (err instanceof ProgramEnded) return err.status;
    if (err instanceof CommanderError) return err.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const interrupted = terminal.interrupted.aborted && !(err instanceof CommandError);
    if (!interrupted) terminal.err(`${painter(terminal)('red', 'windlass:')} ${wordsOf(err)}\n`);
    return terminal.interrupted.aborted ? EXIT.interrupted : exitCodeOf(err);
  }
}
