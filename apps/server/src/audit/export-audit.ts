import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import {
  auditLines,
  auditMarks,
  GENESIS,
  lineId,
  type AuditEnding,
  type AuditLine,
  type AuditMark,
  type AuditOpening,
} from '@windlass/resources/audit';
import { DomainError } from '@windlass/resources/errors';
import type { Kv } from '@windlass/resources/store';
import type { ServerDeps } from '../core/deps.ts';
import { integer, readQuery } from '../core/wire-query.ts';

const AT_ONCE = 500;

type Store = Pick<Kv, 'get' | 'list'>;

const QUERY = { after: integer('Only lines after this number: the one an export before ended with') };

/**
 * `GET /v1/audit:export`: the chain as JSON lines, as it is stored, oldest first. The first line says what it follows, the last one the
 * head: a file without it is cut off. What `bin/audit-check` reads.
 */
export function installAuditExport(app: FastifyInstance, { kv }: ServerDeps, gate: () => Promise<void>): void {
  const schema = { hide: true, operationId: 'export-audit' };
  app.get('/v1/audit::export', { schema, config: { needs: 'admin' } }, async (request, reply) => {
    await gate();
    const { after } = readQuery(QUERY, request.query as Record<string, string | string[] | undefined>);
    const chain = await beginning(kv, after);
    return reply.type('application/x-ndjson').send(Readable.from(exported(kv, chain)));
  });
}

interface Beginning {
  readonly after: AuditMark;
  readonly head: AuditMark;
}

/** Where it begins and ends: what comes meanwhile is in the next export. */
async function beginning(kv: Store, seq: number | undefined): Promise<Beginning> {
  const [found, anchored] = await Promise.all([auditMarks.get(kv, 'head'), auditMarks.get(kv, 'anchor')]);
  const [head, anchor] = [found?.value ?? GENESIS, anchored?.value ?? GENESIS];
  if (seq === undefined || seq === anchor.seq) return { after: anchor, head };
  const line = seq > 0 ? await auditLines.get(kv, lineId(seq)) : undefined;
  if (!line) throw new DomainError('not_found', `no line ${String(seq)} of the audit is kept`);
  return { after: { seq, hash: line.value.hash }, head };
}

async function* exported(kv: Store, { after, head }: Beginning): AsyncGenerator<string> {
  const opening: AuditOpening = { windlass_audit: 1, after };
  const ending: AuditEnding = { head };
  yield text(opening);
  for await (const lines of pages(kv, after, head)) yield lines.map(text).join('');
  yield text(ending);
}

async function* pages(kv: Store, after: AuditMark, head: AuditMark): AsyncGenerator<readonly AuditLine[]> {
  for (let last = after.seq; last < head.seq;) {
    const rows = await auditLines.list(kv, [], { limit: AT_ONCE, after: auditLines.key(lineId(last)) });
    const lines = rows.map(({ value }) => value).filter(({ seq }) => seq <= head.seq);
    const newest = lines.at(-1);
    if (!newest) return; // lines are missing: the check says so
    yield lines;
    last = newest.seq;
  }
}

const text = (value: unknown): string => `${JSON.stringify(value)}\n`;
