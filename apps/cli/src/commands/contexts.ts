import { readContexts, writeContexts, type Context } from '../config/contexts.ts';
import { readSecret } from '../config/secret-file.ts';
import { usageError } from '../exit.ts';
import { printList } from '../output/print.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf } from '../session.ts';
import { resolve } from 'node:path';

/** `context add|use|list`: which servers there are, and which one is asked. */
export const addContexts: AddCommands = (program, terminal) => {
  const group = program.command('context').description('which server is asked');
  group
    .command('add <name>')
    .description('keep a server under a name, and ask it from now on')
    .requiredOption('--url <url>', 'as in https://192.0.2.1:3000')
    .option('--token-file <file>', 'a file with a token; - reads it from the input')
    .option('--ca <file>', 'the certificate of the authority of the server')
    .action(async (name: string, { url, tokenFile, ca }: { url: string; tokenFile?: string; ca?: string }) => {
      if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
        throw usageError(`'${url}' is no http URL`);
      const token = tokenFile === undefined ? undefined : await readSecret(terminal, tokenFile);
      const context: Context = {
        name,
        url,
        ...(token !== undefined && { token }),
        ...(ca !== undefined && { ca: resolve(terminal.cwd, ca) }),
      };
      const others = readContexts(terminal).contexts.filter((one) => one.name !== name);
      writeContexts(terminal, { current: name, contexts: [...others, context] });
      terminal.out(`context ${name}: ${url}\n`);
    });
  group
    .command('use <name>')
    .description('ask this one from now on')
    .action((name: string) => {
      const { contexts } = readContexts(terminal);
      if (!contexts.some((one) => one.name === name)) throw usageError(`there is no context '${name}'`);
      writeContexts(terminal, { current: name, contexts });
    });
  group
    .command('list')
    .description('all of them; tokens are not shown')
    .action((_options, command) => {
      const { contexts, current } = readContexts(terminal);
      const rows = contexts.map(({ name, url }) => ({ id: name, name, url, current: name === current ? '*' : '' }));
      return printList(sessionOf(command, terminal), 'context', rows);
    });
};
