import { auditLines, auditMarks, GENESIS, lineId, type AuditLine } from '@windlass/resources/audit';
import { DomainError } from '@windlass/resources/errors';
import type { ServerDeps } from '../../core/deps.ts';
import { defineRoute } from '../../core/route.ts';
import { integer, words } from '../../core/wire-query.ts';
import { ListAuditResponse } from '../api-audit.ts';

const PAGE = 100;
const LARGEST_PAGE = 1000;
/** So many lines are looked at for one answer: a filter that fits few goes on with the next request. */
const LOOKED_AT = 5000;
const AT_ONCE = 500;

interface Filter {
  readonly who: string | undefined;
  readonly entity: string | undefined;
  readonly operation: string | undefined;
  readonly since: number;
  readonly until: number;
}

/** GET /v1/audit */
export const listAudit = defineRoute({
  operationId: 'list-audit',
  method: 'GET',
  url: '/v1/audit',
  tag: 'audit',
  needs: 'admin',
  reaches: 'everything',
  summary: 'Who did what, and what the control plane did by itself; newest first',
  query: {
    before: integer('Only lines before this number'),
    limit: integer(`So many at most, up to ${String(LARGEST_PAGE)}; ${String(PAGE)} unless told`),
    who: words('Id or name of a token, id of a host or a server, or `loopback`, `operator`, `nobody`'),
    entity: words('`<kind>/<id>`, for example `database/storefront`'),
    operation: words('For example `delete-database`, `repair`, `fast-failover`'),
    since: words('Not older than this time (RFC 3339)'),
    until: words('Not newer than this time (RFC 3339)'),
  },
  errors: [],
  response: ListAuditResponse,
  handle: async ({ deps, query }) => {
    const { before, limit = PAGE, who, entity, operation } = query;
    if (limit < 1 || limit > LARGEST_PAGE)
      throw new DomainError('invalid_input', `limit: must be 1 to ${String(LARGEST_PAGE)}`);
    const [since, until] = [timeOf(query.since, 'since', -Infinity), timeOf(query.until, 'until', Infinity)];
    const [head, anchor] = await Promise.all([auditMarks.get(deps.kv, 'head'), auditMarks.get(deps.kv, 'anchor')]);
    const page = await readPage(deps, { who, entity, operation, since, until }, limit, before);
    return { ...page, head: head?.value ?? GENESIS, anchor: anchor?.value ?? GENESIS };
  },
});

/** The newest lines that fit, and from where to go on. A line that cannot be read is an error: it was tampered with. */
async function readPage({ kv }: ServerDeps, filter: Filter, limit: number, before: number | undefined) {
  const lines: AuditLine[] = [];
  let last = before;
  for (let looked = 0; looked < LOOKED_AT; looked += AT_ONCE) {
    const after = last === undefined ? undefined : auditLines.key(lineId(Math.max(0, last)));
    const rows = await auditLines.list(kv, [], { limit: AT_ONCE, order: 'desc', after });
    for (const { value } of rows) {
      last = value.seq;
      if (!fits(value, filter)) continue;
      lines.push(value);
      if (lines.length === limit) return { lines, before: last };
    }
    if (rows.length < AT_ONCE) return { lines };
  }
  return { lines, ...(last !== undefined && { before: last }) };
}

function fits(line: AuditLine, { who, entity, operation, since, until }: Filter): boolean {
  const at = Date.parse(line.at);
  if (at < since || at > until) return false;
  if (who !== undefined && ![line.who.id, line.who.name, line.who.kind].includes(who)) return false;
  if (operation !== undefined && line.operation !== operation) return false;
  return entity === undefined || (line.entity && `${line.entity.kind}/${line.entity.id}`) === entity;
}

function timeOf(text: string | undefined, name: string, absent: number): number {
  if (text === undefined) return absent;
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time)) return time;
  throw new DomainError('invalid_input', `${name}: must be a time as 2026-01-31T12:00:00Z`);
}
