import { randomUUID } from 'node:crypto';
import { DomainError, domainErrorOf } from '@windlass/resources/errors';
import { conflictKey, conflictRecords } from '@windlass/resources/postgres/records';
import type { ConflictRecord, ConflictQuery } from '@windlass/resources/postgres/operations';
import type { ApiConflict, ListConflictsResponse } from '@windlass/resources/postgres/spec';
import { z } from 'zod';
import type { ServerDeps } from '../core/deps.ts';
import { lookAttributes } from './look-attributes.ts';
import { readDatabase, type StoredDatabase } from './read-database.ts';

/** How long a node may take to answer. */
const LIMIT_MS = 15_000;
const PAGE = 100;
const MOST = 1000;

export interface ConflictsWish {
  readonly id: string;
  readonly node?: string | undefined;
  readonly table?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  readonly rows: boolean;
}

interface Found {
  readonly node: string;
  readonly number: number;
  readonly record: ConflictRecord;
}

/** What the nodes of a database rejected, newest first, as they have it now. */
export async function listConflicts(deps: ServerDeps, wish: ConflictsWish): Promise<ListConflictsResponse> {
  const database = await readDatabase(deps, wish.id);
  const names = namesOf(database, wish.node);
  const limit = limitOf(wish.limit);
  const queries = names.map((node) => queryOf(wish, numberOf(database, node), limit)); // what is wrong with it is said first
  const asked = await Promise.allSettled(names.map((node, i) => ofNode(deps, database, node, queries[i])));
  const all = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])).sort(newestFirst);
  const missing = asked.flatMap((one, i) =>
    one.status === 'rejected' ? [{ node: names[i] ?? '', reason: domainErrorOf(one.reason)?.message ?? 'it could not be asked' }] : [],
  ); // prettier-ignore
  const page = all.slice(0, limit);
  const last = page.at(-1);
  return {
    conflicts: page.map((one) => toApiConflict(one, database)),
    ...(last && all.length >= limit && { next: textOf(last) }),
    ...(missing.length > 0 && { missing }),
  };
}

function namesOf({ stored }: StoredDatabase, node: string | undefined): string[] {
  const names = stored.spec.nodes.map(({ name }) => name).sort();
  if (node !== undefined && !names.includes(node))
    throw new DomainError('invalid_input', `node: '${node}' is no node of the database: it has ${names.join(', ')}`);
  if (names.length < 2) return []; // nobody to be in conflict with
  return node === undefined ? names : [node];
}

function limitOf(limit: number | undefined): number {
  if (limit === undefined) return PAGE;
  if (limit >= 1 && limit <= MOST) return limit;
  throw new DomainError('invalid_input', `limit: must be between 1 and ${String(MOST)}`);
}

async function ofNode(
  deps: ServerDeps,
  database: StoredDatabase,
  node: string,
  query: ConflictQuery = { limit: PAGE, rows: false },
): Promise<Found[]> {
  const { id } = database.record;
  const number = numberOf(database, node);
  const { sealed } = await deps.temporal.execute(
    {
      ...{ type: 'listConflicts', id: `conflicts/${id}/${node}/${randomUUID()}` },
      input: { databaseId: id, nodeName: node, query },
      summary: `list the conflicts of node ${node} of database ${id}`,
      attributes: lookAttributes(id, 'list_conflicts'),
    },
    LIMIT_MS,
  );
  const text = await deps.box.open(`database/${id}/conflicts`, sealed);
  const records = conflictRecords.parse(JSON.parse(text));
  return records.map((record) => ({ node, number, record }));
}

const numberOf = ({ stored }: StoredDatabase, node: string): number => stored.nodeNumbers?.current[node] ?? 0;

/** Newest first; of two of one moment those of the node with the lower number. */
const newestFirst = (a: Found, b: Found): number =>
  compareText(b.record.noticedAt, a.record.noticedAt) ||
  a.number - b.number ||
  Number(BigInt(b.record.id) - BigInt(a.record.id));

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Where a page ended: time, number of the node, id of the record. */
const textOf = ({ number, record }: Found): string => `${record.noticedAt}~${String(number)}~${record.id}`;

const position = z
  .string()
  .regex(/^[0-9T:.-]+Z~\d{1,2}~\d{1,18}$/)
  .transform((text) => text.split('~'))
  .refine(([time]) => !Number.isNaN(Date.parse(time ?? '')));

const ALL = '9223372036854775807';

function queryOf({ table, since, until, after, rows }: ConflictsWish, number: number, limit: number): ConflictQuery {
  return {
    ...{ limit, rows },
    ...(table !== undefined && { table }),
    ...(since !== undefined && { since: timeOf(since, 'since') }),
    ...(until !== undefined && { until: timeOf(until, 'until') }),
    ...(after !== undefined && { after: afterOf(after, number) }),
  };
}

/** Of nodes with a lower number everything of that moment was on the page, of those with a higher one nothing. */
function afterOf(text: string, number: number): NonNullable<ConflictQuery['after']> {
  const { data } = position.safeParse(text);
  const [noticedAt = '', node = '', id = ''] = data ?? [];
  if (!data) throw new DomainError('invalid_input', 'after: must be the `next` of a page');
  const there = Number(node);
  return { noticedAt, id: number < there ? '0' : number > there ? ALL : id };
}

function timeOf(text: string, field: string): string {
  if (/^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
  throw new DomainError('invalid_input', `${field}: must be a time such as 2026-01-31T12:00:00Z`);
}

function toApiConflict({ node, record }: Found, database: StoredDatabase): ApiConflict {
  const nameOf = (version: ConflictRecord['loser']) => ({
    node: version.node === null ? null : nodeName(database, version.node),
    committed_at: version.committedAt,
  });
  return {
    ...{ node, noticed_at: record.noticedAt, table: record.table, key: conflictKey.parse(JSON.parse(record.key)) },
    ...{ lost_to: record.lostTo, rejected: nameOf(record.loser), kept: nameOf(record.winner) },
    ...(record.incoming !== undefined && { rejected_row: record.incoming as Record<string, unknown> }),
    ...(record.here !== undefined && { kept_row: record.here as Record<string, unknown> }),
  };
}

/** One that was removed has only its number left. */
function nodeName({ stored }: StoredDatabase, number: number): string {
  const known = Object.entries(stored.nodeNumbers?.current ?? {}).find(([, one]) => one === number);
  return known?.[0] ?? `a removed node, number ${String(number)}`;
}
