import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { DomainError } from '@windlass/error-table';

const WAIT_MS = 60_000;
const POLL_MS = 100;

const WRITERS = `SELECT w.xid::text AS xid, w.who FROM (
    SELECT a.backend_xid AS xid, 'session ' || a.pid AS who FROM pg_catalog.pg_stat_activity a
    WHERE a.datname = current_database() AND a.backend_xid IS NOT NULL AND a.pid <> pg_catalog.pg_backend_pid()
    UNION ALL
    SELECT p.transaction, 'prepared transaction ' || p.gid FROM pg_catalog.pg_prepared_xacts p WHERE p.database = current_database()) w`;

interface Writer {
  readonly xid: string;
  readonly who: string;
}

/**
 * Waits until all transactions have ended that write in this database now. What they made before was seen by no event trigger that is
 * newer, and is visible to nobody until they commit. Throws `resource_contended` with who does not end.
 */
export async function waitForOlder(client: pg.ClientBase, waitMs = WAIT_MS): Promise<void> {
  const until = Date.now() + waitMs;
  const older = (await client.query<Writer>(WRITERS)).rows.map(({ xid }) => xid);
  for (;;) {
    const left = (await client.query<Writer>(`${WRITERS} WHERE w.xid::text = ANY ($1)`, [older])).rows;
    if (left.length === 0) return;
    if (Date.now() > until)
      throw new DomainError(
        'resource_contended',
        `these do not end, and may have made tables: ${left.map(({ who }) => who).join(', ')}`,
      );
    await sleep(POLL_MS);
  }
}
