import { Option } from 'commander';
import { printList, printValue } from '../output/print.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf } from '../session.ts';
import { usageError } from '../exit.ts';

const ROLES = ['viewer', 'operator', 'admin'] as const;

interface NewToken {
  readonly role: (typeof ROLES)[number];
  readonly days: string;
  readonly tenant: string[];
}

const collect = (value: string, before: string[]): string[] => [...before, value];

/** `token create|list|revoke`: logins. */
export const addTokens: AddCommands = (program, terminal) => {
  const group = program.command('token').description('logins of people and programs');
  group
    .command('create <name>')
    .description('a new one; its token is shown this once')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .option('--tenant <id>', 'only for databases of this tenant; may be repeated', collect, [])
    .option('--days <n>', 'for how long it is good', '90')
    .action(async (name: string, { role, days, tenant: tenants }: NewToken, command) => {
      const session = sessionOf(command, terminal);
      if (!/^\d+$/.test(days)) throw usageError(`'${days}' is no number of days`);
      const body = { name, role, expires_in_days: Number(days), ...(tenants.length > 0 && { tenants }) };
      const { data } = await (await session.client()).api.POST('/v1/tokens', { body });
      if (session.format === 'json' || session.format === 'yaml') return printValue(session, data);
      terminal.out(`${data?.token ?? ''}\n`);
      terminal.err(
        `token ${data?.api_token.id ?? ''} of ${name}, ${role}${tenants.length > 0 ? ` for ${tenants.join(', ')}` : ''}, until ${data?.api_token.expires_at ?? ''}\n`,
      );
    });
  group
    .command('list')
    .description('whose they are, until when, used when last')
    .action(async (_options, command) => {
      const session = sessionOf(command, terminal);
      const { data } = await (await session.client()).api.GET('/v1/tokens');
      return printList(session, 'token', data?.tokens.map((token) => ({ ...token })) ?? []);
    });
  group
    .command('revoke <id>')
    .description('no server takes it from now on')
    .action(async (id: string, _options, command) => {
      const client = await sessionOf(command, terminal).client();
      await client.api.DELETE('/v1/tokens/{token_id}', { params: { path: { token_id: id } } });
      terminal.out(`token ${id} is revoked\n`);
    });
};
