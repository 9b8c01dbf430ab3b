import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { printList, printValue } from '../output/print.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf, type Session } from '../session.ts';

const LOOK_EVERY_MS = 500;

/** `master-key new|status|rotate|forget`: the key that wraps the data keys of all secrets. */
export const addMasterKey: AddCommands = (program, terminal) => {
  const group = program.command('master-key').description('the key that wraps the keys of all secrets');
  group
    .command('new')
    .description('prints a new one: a line for the key file of every server and control host; asks no server')
    .action(() => terminal.out(`${randomBytes(32).toString('hex')}\n`));
  group
    .command('status')
    .description('which is in use, what each wraps, and who has it')
    .action(async (_options, command) => {
      const session = sessionOf(command, terminal);
      const { data } = await (await session.client()).api.GET('/v1/cluster/master-key');
      if (session.format === 'json' || session.format === 'yaml') return printValue(session, data);
      const rows = data?.keys.map((key) => ({ ...key, held_by: key.held_by.join(', ') })) ?? [];
      await printList(session, 'master-key', rows);
      for (const name of data?.sealed_before ?? []) terminal.err(`still as an earlier release sealed it: ${name}\n`);
    });
  group
    .command('rotate [id]')
    .description('use another one, and wait until everything is wrapped anew')
    .option('--no-wait', 'do not wait')
    .action(async (id: string | undefined, { wait }: { wait: boolean }, command) => {
      const session = sessionOf(command, terminal);
      const body = { ...(id !== undefined && { to: id }) };
      const { data } = await (await session.client()).api.POST('/v1/cluster/master-key/rotate', { body });
      terminal.err(`master key ${data?.active ?? ''} is in use\n`);
      if (wait) await untilReady(session);
      if (wait) terminal.err('every data key is wrapped by it; the former one can be forgotten\n');
    });
  group
    .command('forget <id>')
    .description('never use it again; refused while anything needs it')
    .action(async (id: string, _options, command) => {
      const client = await sessionOf(command, terminal).client();
      const { data } = await client.api.POST('/v1/cluster/master-key/forget', { body: { id } });
      const left = data?.keys.find((key) => key.id === id)?.held_by ?? [];
      terminal.out(`master key ${id} is forgotten\n`);
      if (left.length > 0) terminal.err(`remove its line at ${left.join(', ')}\n`);
    });
};

async function untilReady(session: Session): Promise<void> {
  const { api } = await session.client();
  while ((await api.GET('/v1/cluster/master-key')).data?.state === 'rotating') await delay(LOOK_EVERY_MS);
}
