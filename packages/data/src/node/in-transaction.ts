import type pg from 'pg';

/** Does something in one transaction, which begins with these statements; the session must not be in one, and is in none afterwards. */
export async function inTransaction<T>(client: pg.ClientBase, first: string, work: () => Promise<T>): Promise<T> {
  try {
    await client.query(`BEGIN; ${first}`);
    const done = await work();
    await client.query('COMMIT');
    return done;
  } catch (err) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw err;
  }
}

/** What a transaction begins with that makes or changes what is ours: nobody is told, and it waits for nobody for long. */
export const QUIETLY = `SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '5s'; SET LOCAL client_min_messages = warning`;

/** What the server said of one table or sequence. */
export interface Refused {
  readonly code: string;
  readonly message: string;
  readonly error: unknown;
  /** Somebody holds it, or it was renamed or dropped meanwhile: it is looked at the next time. */
  readonly isLater: boolean;
}

/** lock_not_available, deadlock_detected, undefined_table. */
const LATER = new Set(['55P03', '40P01', '42P01']);

/**
 * Says one statement about one table or sequence in a transaction that gives way to users. Undefined: it is done. Throws when it is not about that: the
 * connection is gone, or the server ends.
 */
export async function givingWay(
  client: pg.ClientBase,
  lockMs: number,
  text: string,
  oid: string,
): Promise<Refused | undefined> {
  try {
    await inTransaction(client, `SET LOCAL lock_timeout = ${String(lockMs)}`, () => client.query(text, [oid]));
    return undefined;
  } catch (error) {
    const { code = '', message = '' } = error as { readonly code?: string; readonly message?: string };
    if (!/^(?!08|57)[0-9A-Z]{5}$/.test(code)) throw error;
    return { code, message, error, isLater: LATER.has(code) };
  }
}
