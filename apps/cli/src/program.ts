import { Command, Option } from 'commander';
import { addAudit } from './commands/audit.ts';
import { addBackups } from './commands/backups.ts';
import { addClone } from './commands/create.ts';
import { addCompletion } from './commands/completion.ts';
import { addContexts } from './commands/contexts.ts';
import { addConnections } from './commands/connections.ts';
import { addDatabases } from './commands/databases.ts';
import { addDeclarations } from './commands/declarations.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEntities } from './commands/entities.ts';
import { addHosts } from './commands/hosts.ts';
import { addLogs } from './commands/logs.ts';
import { addOperations } from './commands/operations.ts';
import { addRestore } from './commands/restore.ts';
import { addSchema } from './commands/schema.ts';
import { addStack } from './commands/stack.ts';
import { addSupport } from './commands/support.ts';
import { addTasks } from './commands/tasks.ts';
import { addMasterKey } from './commands/master-key.ts';
import { addTokens } from './commands/tokens.ts';
import { addUsers } from './commands/users.ts';
import { FORMATS } from './output/print.ts';
import type { Terminal } from './terminal.ts';

/** As in package.json, by a test. */
export const VERSION = '0.1.0';

const EXITS = `
Ends with 0: done; 1: failed; 2: wrong usage; 3: refused by the server; 4: not found; 5: not in time; 130: interrupted.
Asks the server of the context (windlass context), or of WINDLASS_URL, WINDLASS_TOKEN and WINDLASS_CA.`;

/** Every command, with its options. What they do is loaded when it is done: help has to be quick. */
export function makeProgram(terminal: Terminal): Command {
  const program = new Command('windlass')
    .description('Declares and operates Postgres databases')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(FORMATS).default('table'))
    .version(VERSION, '--version', 'of this command; windlass doctor tells that of the server')
    .option('--context <name>', 'the server to ask, as in windlass context list')
    .addHelpText('after', EXITS)
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showSuggestionAfterError()
    .exitOverride();
  const adds = [addContexts, addEntities, addDeclarations, addSchema, addOperations, addBackups, addRestore, addClone, addHosts, addDatabases, addConnections, addLogs, addUsers, addTasks, addAudit, addTokens, addMasterKey, addStack, addDoctor, addSupport, addCompletion]; // prettier-ignore
  for (const add of adds) add(program, terminal);
  inherit(program);
  return program;
}

/** Commander leaves it to each command how errors are told. */
function inherit(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inherit(command);
  }
}

export type AddCommands = (program: Command, terminal: Terminal) => void;
