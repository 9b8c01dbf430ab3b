import type { Command } from 'commander';
import { CommandError, EXIT } from '../exit.ts';
import { accepted, secondsOf, type WaitFlags } from '../follow.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf } from '../session.ts';
import { withWait } from './operations.ts';

type Flags = WaitFlags & { readonly grace?: string; readonly endFormer?: boolean };

/** `user rotate`. */
export const addUsers: AddCommands = (program, terminal) => {
  const command = program
    .command('user')
    .description('users of a database')
    .command('rotate <database> <user>')
    .description('another password, printed alone; the one of now stays good for a day')
    .option('--grace <time>', 'for how long it stays good: 90s, 5m, 48h')
    .option('--end-former', 'also while the one of before the last rotation is good: it ends now');
  withWait(command).action(async (database_id: string, username: string, flags: Flags, own: Command) => {
    const session = sessionOf(own, terminal);
    const { api } = await session.client();
    const body = {
      ...(flags.grace !== undefined && { grace_seconds: secondsOf(flags.grace) }),
      ...(flags.endFormer === true && { end_former: true }),
    };
    const params = { path: { database_id, username } };
    const { data } = await api.POST('/v1/databases/{database_id}/users/{username}:rotate', { params, body });
    if (!data) throw new CommandError(EXIT.failed, 'the server answered without a password');
    const { task, password, former } = data;
    terminal.err(`log in as ${data.username}; ${former.username} is good until ${former.valid_until}\n`);
    // The password goes to the output first, and alone: whatever becomes of the task, nobody can ask for it again.
    terminal.out(`${password}\n`);
    await accepted({ ...session, terminal: { ...terminal, out: terminal.err } }, { task }, flags);
  });
};
