import type { Conditions } from './conditions.ts';
import type { AppliedOfPeer } from './port.ts';

/** DDL that takes longer is told, in ms. */
const LONG_MS = 3000;

/** Says of DDL that waits for locks what it is, and whose; who holds the locks is for who looks at the own primary. */
export function judgeDdl(peer: number, { ddl }: AppliedOfPeer, conditions: Conditions, now = Date.now()): void {
  if (!ddl || now - ddl.since < LONG_MS) return conditions.clear(peer, 'ddl_waits');
  const said = `${ddl.statement} is being done here since ${new Date(ddl.since).toISOString()}`;
  conditions.set(
    'ddl_waits',
    `${said}: it waits for locks, or takes long; see pg_stat_activity and pg_locks of this node`,
    peer,
  );
}
