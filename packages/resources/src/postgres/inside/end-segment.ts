import type { PostgresSession } from '../clients/ports.ts';

/**
 * Ends the segment of WAL that is written, so that it is archived now, and gives its name. There is something in it for sure,
 * and a commit: recovery until a time needs one after that time to know that it has come to it.
 */
export async function endSegment(session: PostgresSession): Promise<string> {
  await session.query(`SELECT pg_catalog.pg_logical_emit_message(true, 'windlass', 'end of segment')`);
  const [row] = await session.query<{ segment: string }>(
    'SELECT pg_catalog.pg_walfile_name(pg_catalog.pg_switch_wal()) AS segment',
  );
  return row?.segment ?? '';
}
