import type { Command } from 'commander';
import type { AddCommands } from '../program.ts';
import { sessionOf } from '../session.ts';

/** `schema`: what an editor has to know of declaration files. */
export const addSchema: AddCommands = (program, terminal) => {
  program
    .command('schema [kind]')
    .description('the JSON Schema of a declaration, for editors; of databases unless told')
    .action(async (kind: string | undefined, _options, command: Command) => {
      const session = sessionOf(command, terminal);
      const found = await session.kind(kind ?? 'database');
      const schema = await (await session.client()).request('GET', `/v1/schemas/${found.noun}.json`);
      terminal.out(`${JSON.stringify(schema, undefined, 2)}\n`);
    });
};
