import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresSession } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { hasSqlState, inOneTransaction, LOCK_NOT_AVAILABLE, type Aside } from './lock-holders.ts';

const ATTEMPTS = 5;
/** Nobody needs the row of a role for longer, but somebody who changes it and does not come to an end. */
const ROW_WAIT_MS = 1000;
const LOOK_MS = 100;
const ENDS_WITHIN_MS = 10_000;

/**
 * Takes every right to come in from roles, and ends their sessions. Nothing holds it up: whoever keeps the row of such a role in
 * an open transaction is ended, too. Afterwards a role is only the name of an owner.
 */
export async function withdrawAccess(session: PostgresSession, names: readonly string[], aside: Aside): Promise<void> {
  for (const name of names) await forbid(session, name, aside);
  await endSessions(session, names);
}

async function forbid(session: PostgresSession, name: string, aside: Aside): Promise<void> {
  const statement = `ALTER ROLE ${session.identifier(name)} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD NULL`;
  const [own] = await session.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  const end = new AbortController();
  const clearing = endWhoBlocks(own?.pid ?? 0, aside, end.signal).catch(() => undefined);
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await inOneTransaction(session, [`SET LOCAL lock_timeout = ${String(ROW_WAIT_MS)}`, statement]);
      } catch (err) {
        if (!hasSqlState(err, LOCK_NOT_AVAILABLE) || attempt === ATTEMPTS) throw err;
      }
    }
  } finally {
    end.abort();
    await clearing;
  }
}

async function endWhoBlocks(pid: number, aside: Aside, end: AbortSignal): Promise<void> {
  await sleep(LOOK_MS, undefined, { signal: end });
  await aside(async (session) => {
    while (!end.aborted) {
      await session.query(
        'SELECT pg_catalog.pg_terminate_backend(b.pid) FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS b(pid)',
        [pid],
      );
      await sleep(LOOK_MS, undefined, { signal: end });
    }
  });
}

/** Ends the sessions of roles, those that replicate included; waits until they are gone. */
export async function endSessions(session: PostgresSession, names: readonly string[]): Promise<void> {
  const end = Date.now() + ENDS_WITHIN_MS;
  while (Date.now() < end) {
    const rows = await session.query<{ gone: boolean }>(
      `SELECT pg_catalog.pg_terminate_backend(pid, 1000) AS gone FROM pg_catalog.pg_stat_activity
        WHERE usename OPERATOR(pg_catalog.=) ANY($1::pg_catalog.name[]) AND pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()`,
      [names],
    );
    if (rows.length === 0) return;
  }
  throw new DomainError('postgres_unavailable', `sessions of ${names.join(', ')} do not end`);
}
