import type { PostgresSession } from '../clients/ports.ts';
import { domainErrorOf, DomainError } from '../../errors/index.ts';

/** Opens another session with the same Postgres. */
export type Aside = <T>(work: (session: PostgresSession) => Promise<T>) => Promise<T>;

/** Who is told, and who looks, while a lock is waited for. */
export interface Patience {
  readonly aside: Aside;
  readonly signal: AbortSignal;
  tell(sentence: string): Promise<void>;
}

/** A lock is waited for so long. */
const LOCK_WAIT_MS = 20_000;
export const LOCK_NOT_AVAILABLE = '55P03';
const LOOK_MS = 500;

interface Holder {
  readonly pid: number;
  readonly usename: string | null;
  readonly application: string | null;
  readonly since: string | null;
}

export const hasSqlState = (err: unknown, sqlState: string): boolean =>
  domainErrorOf(err)?.details['sqlState'] === sqlState;

/**
 * Does statements in one transaction, none of which waits for a lock longer than it may. Who holds one that is waited for is
 * told; `operation_refused` names the holder when the time is over. Statements of others are never shown. `purpose` is what is
 * done, as the end of "cannot …".
 */
export async function boundedTransaction(
  session: PostgresSession,
  statements: readonly string[],
  purpose: string,
  patience: Patience,
): Promise<void> {
  const [own] = await session.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  const watch = watchHolders(own?.pid ?? 0, purpose, patience);
  try {
    await inOneTransaction(session, [`SET LOCAL lock_timeout = ${String(LOCK_WAIT_MS)}`, ...statements]);
  } catch (err) {
    if (!hasSqlState(err, LOCK_NOT_AVAILABLE)) throw err;
    const seconds = String(Math.round(LOCK_WAIT_MS / 1000));
    const message = `cannot ${purpose}: a lock was waited for ${seconds} s, ${await watch.lastSeen()}`;
    throw new DomainError('operation_refused', message, { cause: err });
  } finally {
    await watch.stop();
  }
}

/** One round trip; a verifier in it never reaches Postgres' log. Rolled back when a statement fails. */
export async function inOneTransaction(session: PostgresSession, statements: readonly string[]): Promise<void> {
  const quiet = [
    "SET LOCAL log_statement = 'none'",
    "SET LOCAL log_min_error_statement = 'panic'",
    'SET LOCAL log_min_duration_statement = -1',
  ];
  try {
    await session.query(['BEGIN', ...quiet, ...statements, 'COMMIT'].join(';\n'));
  } catch (err) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw err;
  }
}

function watchHolders(pid: number, purpose: string, { aside, tell, signal }: Patience) {
  let held = '';
  let ended = false;
  let wake = (): void => undefined;
  const look = async (session: PostgresSession): Promise<void> => {
    const found = await holdersOf(session, pid);
    if (found !== '' && found !== held) await tell(`waits for a lock to ${purpose}: ${found}`);
    if (found !== '') held = found;
  };
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const run = async (): Promise<void> => {
    await pause();
    if (isOver()) return;
    await aside(async (session) => {
      while (!isOver()) {
        await look(session);
        await pause();
      }
    });
  };
  const isOver = (): boolean => ended || signal.aborted;
  const stop = async (): Promise<void> => {
    ended = true;
    wake();
    await done;
  };
  const done = run().catch(() => undefined); // who is not seen is not named
  return { stop, lastSeen: () => stop().then(() => (held === '' ? 'and its holder was not seen' : held)) };
}

async function holdersOf(session: PostgresSession, pid: number): Promise<string> {
  const holders = await session.query<Holder>(
    `SELECT b.pid, a.usename, a.application_name AS application,
            pg_catalog.to_char(coalesce(a.xact_start, a.query_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
       FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS b(pid)
       LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) b.pid ORDER BY b.pid`,
    [pid],
  );
  if (holders.some((one) => one.pid === 0)) return heldByPrepared(session);
  return holders.map(describe).join('; ');
}

/** Postgres gives a prepared transaction the process id 0. */
async function heldByPrepared(session: PostgresSession): Promise<string> {
  const found = await session.query<{ gid: string; owner: string }>(
    'SELECT gid, owner FROM pg_catalog.pg_prepared_xacts ORDER BY prepared',
  );
  return `held by a prepared transaction: ${found.map(({ gid, owner }) => `'${gid}' of '${owner}'`).join(', ')}`;
}

const describe = ({ pid, usename, application, since }: Holder): string =>
  `held by process ${String(pid)} of '${usename ?? 'Postgres'}'` +
  `${application ? ` (${application})` : ''}${since === null ? '' : `, busy since ${since}`}`;
