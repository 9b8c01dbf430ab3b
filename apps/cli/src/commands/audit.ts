import type { Command } from 'commander';
import type { components } from '@windlass/client';
import { CommandError, EXIT, usageError } from '../exit.ts';
import { inWords } from '../output/audit-line.ts';
import { printList } from '../output/print.ts';
import type { AddCommands } from '../program.ts';
import { sessionOf, type Session } from '../session.ts';

type Line = components['schemas']['AuditLine'];
type Filters = Partial<Record<'who' | 'entity' | 'operation' | 'since' | 'until', string>>;

/** `audit list|export|check`: who did what, and whether that is what was written. */
export const addAudit: AddCommands = (program, terminal) => {
  const group = program.command('audit').description('who did what');
  group
    .command('list')
    .description('the newest first')
    .option('--who <name>', 'a token by id or name, a host or a server by id; loopback, operator, nobody')
    .option('--entity <kind/id>', 'as in database/shop')
    .option('--operation <name>', 'as in delete-database')
    .option('--since <time>', 'not older, RFC 3339')
    .option('--until <time>', 'not newer, RFC 3339')
    .option('--limit <n>', 'so many', '20')
    .action(async ({ limit, ...filters }: Filters & { limit: string }, command: Command) => {
      const session = sessionOf(command, terminal);
      const lines = await readLines(session, filters, countOf(limit));
      const isTable = session.format === 'table' || session.format === 'wide';
      await printList(session, 'audit', lines.map((line) => (isTable ? inWords(line) : { ...line, id: line.seq })));
    }); // prettier-ignore
  group
    .command('export')
    .description('the whole chain as JSON lines, to be kept elsewhere and checked')
    .option('--after <n>', 'only what follows this line: the one an older export ended with')
    .action(async ({ after }: { after?: string }, command: Command) => {
      for await (const text of exported(sessionOf(command, terminal), after)) terminal.out(text);
    });
  group
    .command('check [file]')
    .description('finds a changed, a missing and a cut-off line; without a file what the server has, - reads the input')
    .option('--known <seq:hash>', 'a line that is known from elsewhere: the end of an older export')
    .action(async (file: string | undefined, { known }: { known?: string }, command: Command) =>
      check(sessionOf(command, terminal), file, known),
    );
};

/** As many as were asked for, in as many pages as that takes. */
async function readLines(session: Session, filters: Filters, limit: number): Promise<readonly Line[]> {
  const { api } = await session.client();
  const found: Line[] = [];
  for (let before: number | undefined; found.length < limit;) {
    const query = { ...filters, limit: Math.min(limit - found.length, 1000), ...(before !== undefined && { before }) };
    const { data } = await api.GET('/v1/audit', { params: { query } });
    found.push(...(data?.lines ?? []));
    before = data?.before;
    if (before === undefined) break;
  }
  return found;
}

async function* exported(session: Session, after?: string): AsyncGenerator<string> {
  const client = await session.client();
  const answer = await client.open('/v1/audit:export', { query: { after }, signal: session.terminal.interrupted });
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) yield decoder.decode(chunk, { stream: true });
}

async function check(session: Session, file: string | undefined, known: string | undefined): Promise<void> {
  const { checkAudit } = await import('@windlass/resources/audit/check');
  const mark = known === undefined ? undefined : markOf(known);
  const verdict = await checkAudit(linesOf(await sourceOf(session, file)), mark);
  const name = file ?? 'the audit of the server';
  if ('wrong' in verdict)
    throw new CommandError(EXIT.failed, `${name}, line ${String(verdict.lineNumber)}: ${verdict.wrong}`);
  const { lines, head } = verdict;
  session.terminal.out(`good: ${String(lines)} lines, up to ${String(head.seq)}:${head.hash}\n`);
}

async function sourceOf(session: Session, file: string | undefined): Promise<AsyncIterable<string> | Iterable<string>> {
  const { terminal } = session;
  if (file === undefined) return exported(session);
  if (file === '-') return [await terminal.readInput()];
  const { createReadStream } = await import('node:fs');
  const { access } = await import('node:fs/promises');
  const { resolve } = await import('node:path');
  const path = resolve(terminal.cwd, file);
  await access(path).catch(() => {
    throw usageError(`${file}: there is no such file`);
  });
  return createReadStream(path, 'utf8') as AsyncIterable<string>;
}

async function* linesOf(chunks: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let left = '';
  for await (const chunk of chunks) {
    const lines = `${left}${chunk}`.split('\n');
    left = lines.pop() ?? '';
    yield* lines;
  }
  if (left !== '') yield left;
}

function markOf(known: string): { seq: number; hash: string } {
  const [, seq = '', hash = ''] = /^(\d{1,12}):([0-9a-f]{64})$/.exec(known) ?? [];
  if (hash === '') throw usageError(`--known: must be a number, a colon and a hash of 64 hex digits, not '${known}'`);
  return { seq: Number(seq), hash };
}

function countOf(limit: string): number {
  if (!/^[1-9]\d{0,5}$/.test(limit)) throw usageError(`'${limit}' is no number of lines`);
  return Number(limit);
}
