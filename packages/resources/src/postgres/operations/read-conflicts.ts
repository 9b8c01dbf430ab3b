import type { Clients } from '../clients/ports.ts';
import { withPrimary } from '../inside/with-primary.ts';

export interface ConflictQuery {
  /** `schema.name`; absent: of all. */
  readonly table?: string;
  /** ISO 8601: noticed at or after; before. */
  readonly since?: string;
  readonly until?: string;
  /** Only what comes after this one, newest first. */
  readonly after?: ConflictPosition;
  /** At most so many. */
  readonly limit: number;
  /** With both rows. */
  readonly rows: boolean;
}
export interface ConflictPosition {
  /** ISO 8601 with microseconds. */
  readonly noticedAt: string;
  /** Of the record; a bigint as text. */
  readonly id: string;
}

/** A change that was rejected, as the node recorded it that has it not. */
export interface ConflictRecord {
  readonly id: string;
  readonly noticedAt: string;
  readonly table: string;
  /** The key as a JSON array of texts. */
  readonly key: string;
  readonly lostTo: string;
  readonly loser: ConflictVersion;
  readonly winner: ConflictVersion;
  /** The row that arrived and the row that was there: JSON objects; absent unless asked for, and where there is none. */
  readonly incoming?: unknown;
  readonly here?: unknown;
}
/** Null: Postgres does not know it any more. */
export interface ConflictVersion {
  readonly node: number | null;
  readonly committedAt: string | null;
}

const time = (column: string): string =>
  `pg_catalog.to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const SQL = `SELECT id::text AS id, ${time('noticed_at')} AS noticed_at, relation, key, lost_to,
    loser_node, ${time('loser_time')} AS loser_at, winner_node, ${time('winner_time')} AS winner_at,
    CASE WHEN $7 THEN incoming END AS incoming, CASE WHEN $7 THEN here END AS here
  FROM windlass.conflict
  WHERE ($1::text IS NULL OR relation = $1) AND ($2::timestamptz IS NULL OR noticed_at >= $2)
    AND ($3::timestamptz IS NULL OR noticed_at < $3)
    AND ($4::timestamptz IS NULL OR (noticed_at, id) < ($4::timestamptz, $5::bigint))
  ORDER BY conflict.noticed_at DESC, conflict.id DESC LIMIT $6::int`;

interface Row {
  readonly id: string;
  readonly noticed_at: string;
  readonly relation: string;
  readonly key: string;
  readonly lost_to: string;
  readonly loser_node: number | null;
  readonly loser_at: string | null;
  readonly winner_node: number | null;
  readonly winner_at: string | null;
  readonly incoming: unknown;
  readonly here: unknown;
}

/** The conflicts that the node recorded whose primary is on this host, newest first. */
export async function readConflicts(
  clients: Clients,
  place: { readonly scope: string; readonly databaseName: string },
  { table, since, until, after, limit, rows }: ConflictQuery,
  signal: AbortSignal,
): Promise<ConflictRecord[]> {
  const values = [table, since, until, after?.noticedAt, after?.id, limit, rows].map((one) => one ?? null);
  const found = await withPrimary(clients, place.scope, place.databaseName, signal, (session) =>
    session.query<Row>(SQL, values),
  );
  return found.map(recordOf);
}

const recordOf = (row: Row): ConflictRecord => ({
  ...{ id: row.id, noticedAt: row.noticed_at, table: row.relation, key: row.key, lostTo: row.lost_to },
  loser: { node: row.loser_node, committedAt: row.loser_at },
  winner: { node: row.winner_node, committedAt: row.winner_at },
  ...(row.incoming !== null && { incoming: row.incoming }),
  ...(row.here !== null && { here: row.here }),
});
