import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { checkAudit, type AuditMark } from '@windlass/resources/audit';

const USAGE = `usage: bin/audit-check [--known SEQ:HASH] FILE
Checks an export of the audit (GET /v1/audit:export); "-" reads standard input. --known is a line that is known from elsewhere:
the head a server answers (GET /v1/audit), or the last one of an older export. Exit code: 0 good, 1 not, 2 usage.`;

function markOf(known: string): AuditMark {
  const [, seq = '', hash = ''] = /^(\d{1,12}):([0-9a-f]{64})$/.exec(known) ?? [];
  if (hash === '') throw new Error(`--known: must be a number, a colon and a hash of 64 hex digits, not '${known}'`);
  return { seq: Number(seq), hash };
}

/** What was asked, or why that is no question. */
function read(): { readonly file: string; readonly known?: AuditMark } | string {
  try {
    const { values, positionals } = parseArgs({ options: { known: { type: 'string' } }, allowPositionals: true });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return USAGE;
    return { file, ...(values.known !== undefined && { known: markOf(values.known) }) };
  } catch (err) {
    return `${err instanceof Error ? err.message : String(err)}\n${USAGE}`;
  }
}

async function check(): Promise<number> {
  const asked = read();
  if (typeof asked === 'string') {
    process.stderr.write(`${asked}\n`);
    return 2;
  }
  const input = asked.file === '-' ? process.stdin : createReadStream(asked.file);
  const verdict = await checkAudit(createInterface({ input, crlfDelay: Infinity }), asked.known);
  if ('wrong' in verdict) {
    process.stderr.write(`${asked.file}:${String(verdict.lineNumber)}: ${verdict.wrong}\n`);
    return 1;
  }
  const { lines, head } = verdict;
  process.stdout.write(`good: ${String(lines)} lines, up to ${String(head.seq)}:${head.hash}\n`);
  return 0;
}

check().then(
  (code) => (process.exitCode = code),
  (err: unknown) => {
    process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
    process.exitCode = 2;
  },
);
