import type { Command } from 'commander';
import { secondsOf } from '../follow.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf } from '../session.ts';

/** `support-bundle`: what somebody who helps has to see, without secrets. */
export const addSupport: AddCommands = (program, terminal) => {
  program
    .command('support-bundle')
    .description('what somebody who helps has to see, in one file and without secrets')
    .option('-f, --file <file>', 'where to; unless told windlass-support-TIME.tar.gz')
    .option('--listen <time>', 'for how long events are collected', '5s')
    .action(async ({ file, listen: time }: { file?: string; listen: string }, command: Command) => {
      const client = await sessionOf(command, terminal).client();
      const [{ collect, listen }, { archive }, { resolve }] = await Promise.all([import('../bundle/collect.ts'), import('../bundle/archive.ts'), import('node:path')]); // prettier-ignore
      const stamp = new Date().toISOString().replace(/[-:]|\..*/g, '');
      const path = resolve(terminal.cwd, file ?? `windlass-support-${stamp}.tar.gz`);
      const [files, events] = await Promise.all([
        collect(client, terminal),
        listen(client, secondsOf(time) * 1000, terminal.interrupted),
      ]);
      await archive(path, `windlass-support-${stamp}`, [...files, events]);
      terminal.out(`${path}\n`);
      terminal.err(`${String(files.length + 1)} files, without secrets as far as they are known by name or form: look through it before you pass it on\n`); // prettier-ignore
    });
};
