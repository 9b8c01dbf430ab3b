import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import type { components } from '@windlass/client';
import { CommandError, EXIT } from '../exit.ts';
import { secondsOf } from '../follow.ts';
import { printValue } from '../output/print.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf, type Session } from '../session.ts';
import { readDatabase } from '../read-database.ts';

type Log = components['schemas']['InstanceLogResponse'];

interface Flags {
  readonly instance?: string;
  readonly since?: string;
  readonly lines: string;
  readonly follow?: boolean;
}
const EVERY_MS = 2000;
const MOST = 1000;

/** `db logs`. */
export const addLogs: AddCommands = (program, terminal) => {
  program.commands
    .find((command) => command.name() === 'db')
    ?.command('logs <database>')
    .description('what Postgres and Patroni wrote, without passwords')
    .option('--instance <instance>', 'of this one, and not of the primary of the first node')
    .option('--since <time>', 'since then: 10m, 1h, or RFC 3339')
    .option('--lines <n>', `the last ones, at most ${String(MOST)}`, '200')
    .option('--follow', 'go on until Ctrl-C')
    .action(async (id: string, flags: Flags, command: Command) => showLogs(sessionOf(command, terminal), id, flags));
};

async function showLogs(session: Session, id: string, flags: Flags): Promise<void> {
  const instance = flags.instance ?? (await primaryOf(session, id));
  const since = flags.since !== undefined && { since: timeOf(flags.since) };
  const read = await ask(session, id, instance, { ...since, limit: Number(flags.lines) });
  await show(session, read);
  if (flags.follow !== true) return;
  const ended = AbortSignal.any([session.terminal.interrupted, session.terminal.unheard]);
  for (let { next } = read; ;) {
    await sleep(EVERY_MS, undefined, { signal: ended });
    const more = await ask(session, id, instance, { limit: MOST, ...(next !== undefined ? { after: next } : since) });
    await show(session, more);
    next = more.next ?? next;
  }
}

async function primaryOf(session: Session, id: string): Promise<string> {
  const { instances = [], nodes = [] } = await readDatabase(session, id);
  const first = instances.filter((one) => one.node_name === nodes[0]?.name);
  const found = first.find(({ postgres }) => postgres?.role === 'primary') ?? first[0] ?? instances[0];
  if (found) return found.id;
  throw new CommandError(EXIT.notFound, `database ${id} has no instance that is known`);
}

const timeOf = (text: string): string =>
  text.includes('T') ? text : new Date(Date.now() - secondsOf(text) * 1000).toISOString();

async function ask(
  session: Session,
  database_id: string,
  instance_id: string,
  query: { since?: string; after?: string; limit: number },
): Promise<Log> {
  const { api } = await session.client();
  const params = { path: { database_id, instance_id }, query };
  const { data } = await api.GET('/v1/databases/{database_id}/instances/{instance_id}/log', { params });
  if (data) return data;
  throw new CommandError(EXIT.failed, 'the server answered without a log');
}

async function show(session: Session, { lines, cut }: Log): Promise<void> {
  const { terminal, format } = session;
  if (cut) terminal.err('older lines were left out\n');
  if (format === 'json' || format === 'yaml') return printValue(session, lines);
  for (const { text } of lines) terminal.out(`${text}\n`);
}
