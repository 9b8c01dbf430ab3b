import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** Two numbers of an advisory lock: "wind", and who has it. */
const WINDLASS = 0x77696e64;
/** At most one of each holds it, in a database. */
export const LOCKS = { apply: 0x6170706c, replicate: 0x7265706c, install: 0x696e7374 } as const;
export type Lock = keyof typeof LOCKS;

/** Conditions over a row `l` of pg_locks: it is this one of ours. */
const isIt = (lock: string): string =>
  `l.locktype = 'advisory' AND l.classid = ${String(WINDLASS)} AND l.objid = ${lock}::oid AND l.objsubid = 2`;

/**
 * SQL that ends whoever holds a lock of ours, or waits for one, and is neither a replicator nor a superuser: everybody may take an advisory lock, and so
 * could keep a database from replicating. `lock`: SQL for its number.
 */
export const endStrangersSql = (
  lock: string,
): string => `SELECT pg_catalog.pg_terminate_backend(l.pid, 1000) FROM pg_catalog.pg_locks l
  JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
  JOIN pg_catalog.pg_database d ON d.oid = l.database
  WHERE ${isIt(lock)} AND d.datname = pg_catalog.current_database() AND NOT r.rolsuper AND r.rolname <> 'windlass_replicator'`;

const numbers = (lock: Lock): string => `${String(WINDLASS)}, ${String(LOCKS[lock])}`;

/** Takes it unless the session has it, and waits for whoever has it. */
export const lockSql = (lock: Lock): string => `SELECT pg_catalog.pg_advisory_lock(${numbers(lock)}) WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_locks l WHERE ${isIt(String(LOCKS[lock]))} AND l.pid = pg_catalog.pg_backend_pid() AND l.granted)`;

/** False: somebody of ours has it. */
export async function tryLock(client: pg.ClientBase, lock: Lock): Promise<boolean> {
  if (await isTaken(client, lock)) return true;
  await endStrangers(client, lock);
  return isTaken(client, lock);
}

const EVERY_MS = 50;

/** Waits for whoever of ours has it; rejects when the signal is aborted. */
export async function takeLock(client: pg.ClientBase, lock: Lock, signal?: AbortSignal): Promise<void> {
  while (!(await tryLock(client, lock))) await sleep(EVERY_MS, undefined, { signal });
}

export async function giveLock(client: pg.ClientBase, lock: Lock): Promise<void> {
  await client.query(`SELECT pg_catalog.pg_advisory_unlock(${numbers(lock)})`);
}

async function isTaken(client: pg.ClientBase, lock: Lock): Promise<boolean> {
  const text = `SELECT pg_catalog.pg_try_advisory_lock(${numbers(lock)}) AS got`;
  return (await client.query<{ got: boolean }>(text)).rows[0]?.got ?? false;
}

const MEANS = `SELECT pg_catalog.current_setting('is_superuser') AS superuser,
  pg_catalog.to_regprocedure('windlass.end_strangers(int)') IS NOT NULL AS there`;

async function endStrangers(client: pg.ClientBase, lock: Lock): Promise<void> {
  const [means] = (await client.query<{ superuser: string; there: boolean }>(MEANS)).rows;
  const number = String(LOCKS[lock]);
  if (means?.superuser === 'on') await client.query(endStrangersSql(number));
  else if (means?.there) await client.query(`SELECT windlass.end_strangers(${number})`);
}
