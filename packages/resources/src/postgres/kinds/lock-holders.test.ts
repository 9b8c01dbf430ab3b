import type { PostgresSession } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { boundedTransaction } from '../inside/lock-holders.ts';

const noLock = (): DomainError =>
  new DomainError('postgres_rejected', 'lock timeout', { details: { sqlState: '55P03' } });

/** A transaction that gets no lock, once its holder was looked for. */
async function waitFor(holders: object[], prepared: object[] = []) {
  const told: string[] = [];
  const asked: string[] = [];
  let seen: () => void = () => undefined;
  const looked = new Promise<void>((resolve) => (seen = resolve));
  const session = {
    query: async (text: string) => {
      asked.push(text);
      if (!text.startsWith('BEGIN')) return [{ pid: 1 }];
      await looked;
      throw noLock();
    },
  } as unknown as PostgresSession;
  const other = {
    query: (text: string) => {
      if (text.includes('pg_prepared_xacts')) return Promise.resolve(prepared);
      return Promise.resolve(holders);
    },
  } as unknown as PostgresSession;
  const work = boundedTransaction(session, ['DROP ROLE x'], "drop 'x'", {
    signal: new AbortController().signal,
    aside: (ask) => ask(other),
    tell: (sentence) => Promise.resolve(void told.push(sentence)).then(() => seen()),
  });
  return { error: await work.catch((err: unknown) => err), told, asked };
}

test('who holds a lock is told while it is waited for, and named when the time is over; nobody sees what he does', async () => {
  const holder = { pid: 4711, usename: 'app', application: 'psql', since: '2026-01-02T03:04:05Z' };
  const { error, told, asked } = await waitFor([holder]);
  const who = "held by process 4711 of 'app' (psql), busy since 2026-01-02T03:04:05Z";
  expect(told).toEqual([`waits for a lock to drop 'x': ${who}`]);
  expect(error).toMatchObject({
    code: 'operation_refused',
    message: `cannot drop 'x': a lock was waited for 20 s, ${who}`,
  });
  expect(asked.at(-1)).toBe('ROLLBACK');
});

test('a prepared transaction, which has no process, is named by its name', async () => {
  const nobody = { pid: 0, usename: null, application: null, since: null };
  const { error } = await waitFor([nobody], [{ gid: 'later', owner: 'app' }]);
  expect((error as Error).message).toContain("held by a prepared transaction: 'later' of 'app'");
});
