import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients, PostgresSession } from '../clients/ports.ts';
import type { Run } from '../../engine/apply.ts';
import { instancePath } from '../kinds/directories.ts';
import { endSegment } from '../inside/end-segment.ts';
import { withInstance } from '../kinds/instance.ts';
import { serviceOf } from '../inside/with-primary.ts';

/** Archiving that works takes about a second. */
const WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 100;

/**
 * Has a primary archive all it has written. Says in words what came of it, because a broken archive is a common reason to
 * restore and none to stop.
 */
export async function archiveNow(clients: Clients, instanceId: string, { signal, progress }: Run): Promise<string> {
  const config = await clients.files.read(`${instancePath(instanceId)}/config/pgbackrest.conf`);
  if (config === undefined) return `'${instanceId}' has no backups: nothing was archived`;
  progress('waiting until all that was written is archived');
  const all = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
  try {
    return await withInstance(clients, serviceOf(instanceId), 'postgres', all, (session) =>
      switchSegment(session, all),
    );
  } catch (err) {
    if (signal.aborted) throw err;
    const why = err instanceof Error && !all.aborted ? err.message : `not within ${String(WITHIN_MS / 1000)} s`;
    return `'${instanceId}' could not archive what it wrote last (${why}): the restore ends where the archive does`;
  }
}

async function switchSegment(session: PostgresSession, signal: AbortSignal): Promise<string> {
  const segment = await endSegment(session);
  for (;;) {
    const [found] = await session.query<{ archived: boolean }>(ARCHIVED, [segment]);
    if (found?.archived) return `archived what was written so far, up to '${segment}'`;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

const ARCHIVED = `SELECT coalesce(last_archived_wal >= $1, false) AS archived FROM pg_catalog.pg_stat_archiver`;
