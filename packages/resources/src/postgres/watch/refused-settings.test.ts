import type { PostgresSession } from '../clients/ports.ts';
import type { Watched } from './check.ts';
import { failedStart } from './failed-start.ts';
import { refusedSettings } from './refused-settings.ts';

/** An instance whose Postgres answers the two questions with these lines, and only its superuser what is in a file of the host. */
const saying = (refused: readonly string[], reasons: readonly string[], pages = 0): Watched => {
  const query = async (text: string): Promise<unknown[]> => {
    if (text.includes('pg_read_file')) throw new Error('permission denied for function pg_read_file');
    const isNext = text.includes('max_prepared_transactions');
    return Promise.resolve(isNext ? reasons.map((reason) => ({ reason })) : refused.map((one) => ({ refused: one })));
  };
  const ask: Watched['ask'] = (work) => work({ query } as unknown as PostgresSession);
  const superuser = { query: () => Promise.resolve(pages === 0 ? [{ none: 1 }] : []) } as unknown as PostgresSession;
  const postgres = { session: (_target: unknown, work: (session: PostgresSession) => unknown) => work(superuser) };
  return { ask, clients: { postgres } } as unknown as Watched;
};
const RULE = 'line 9 of pg_hba.conf: unknown method';

test('a rule that is refused is not in effect, and keeps Postgres from starting again', async () => {
  expect(await refusedSettings.look(saying([RULE], []))).toEqual([
    { type: 'settings_refused', message: `not in effect: ${RULE}` },
    { type: 'restart_would_fail', message: `after a restart Postgres would not serve: ${RULE}` },
  ]);
});

test('a mapping that is refused would let nobody in; a limit may not fit to what is there', async () => {
  const mapping = 'line 3 of pg_ident.conf: missing';
  const found = await refusedSettings.look(saying([mapping], ['max_replication_slots is 4, and there are more slots']));
  expect(found.map(({ type, message }) => `${type}: ${message}`)).toEqual([
    `settings_refused: not in effect: ${mapping}`,
    `restart_would_fail: after a restart Postgres would not serve: ${mapping}; max_replication_slots is 4, and there are more slots`,
  ]);
});

test('huge pages are asked for, and the host has none, or has some: its superuser reads that', async () => {
  const wanted = 'huge_pages is on, and the host has none';
  expect(await refusedSettings.look(saying([], [wanted]))).toEqual([
    { type: 'restart_would_fail', message: `after a restart Postgres would not serve: ${wanted}` },
  ]);
  expect(await refusedSettings.look(saying([], [wanted], 8))).toEqual([]);
});

test('where all is well there is nothing to say', async () => {
  expect(await refusedSettings.look(saying([], []))).toEqual([]);
});

test('a silent Postgres has its reason in the log, or none', async () => {
  const at = (log: string) =>
    ({ containerId: 'c', clients: { docker: { log: () => Promise.resolve(log) } } }) as unknown as Watched;
  expect(await failedStart.look(at('2026 UTC [7] FATAL:  could not map anonymous shared memory: no'))).toEqual([
    { type: 'postgres_cannot_start', message: 'Postgres does not start: could not map anonymous shared memory: no' },
  ]);
  expect(await failedStart.look(at('2026 INFO: no action'))).toEqual([]);
  const served =
    'FATAL:  could not map anonymous shared memory: no\nLOG:  database system is ready to accept connections\n';
  expect(await failedStart.look(at(served))).toEqual([]);
  expect(await failedStart.look(at(`${served}FATAL:  maximum number of prepared transactions reached`))).toMatchObject([
    { message: 'Postgres does not start: maximum number of prepared transactions reached' },
  ]);
});
