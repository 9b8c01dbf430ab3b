import type pg from 'pg';

/** For how long a conflict is remembered, and how many of a node at most. */
export const CONFLICTS_KEPT = { days: 30, records: 100_000 } as const;
/** So many are one transaction. */
const BATCH = 5000;

const OLD = `DELETE FROM windlass.conflict WHERE id IN (SELECT id FROM windlass.conflict
  WHERE noticed_at < pg_catalog.now() - pg_catalog.make_interval(days => $1::int)
    OR id <= (SELECT pg_catalog.max(id) FROM windlass.conflict) - $2::bigint
  ORDER BY id LIMIT $3::int)`;

/** Forgets conflicts that are old, or too many. In small transactions; the session must not be in one. Says how many went. */
export async function trimConflicts(
  client: pg.ClientBase,
  { days, records }: { readonly days: number; readonly records: number } = CONFLICTS_KEPT,
): Promise<number> {
  let gone = 0;
  for (;;) {
    const { rowCount } = await client.query(OLD, [days, records, BATCH]);
    gone += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH) return gone;
  }
}
