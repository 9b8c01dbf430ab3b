import { installedDatabases } from '../testing/installed-databases.ts';
import { ANY_MAJOR } from '../testing/real-postgres.ts';
import { trimConflicts } from './index.ts';

describe.each(ANY_MAJOR)('recorded conflicts on Postgres %i', (major) => {
  const its = installedDatabases(major);
  const record = (from: number, to: number, noticed: string): Promise<unknown> =>
    its.admin.query(`INSERT INTO windlass.conflict (relation, key, lost_to, loser_time, loser_node, noticed_at)
      SELECT 'public.t', i::text, 'newer row', now() + i * interval '1 microsecond', 2, ${noticed} FROM generate_series(${String(from)}, ${String(to)}) i`);
  const left = async (): Promise<unknown> =>
    (await its.admin.query(`SELECT count(*)::int AS n, min(key::int) AS first FROM windlass.conflict`)).rows[0];

  it('are forgotten after 30 days, also many, by the role of the replicator', async () => {
    await record(1, 12_000, `now() - interval '31 days'`);
    await record(12_001, 12_010, `now() - interval '29 days'`);
    await its.admin.query('SET SESSION AUTHORIZATION windlass_replicator');
    expect(await trimConflicts(its.admin)).toBe(12_000);
    expect(await trimConflicts(its.admin)).toBe(0);
    expect(await left()).toEqual({ n: 10, first: 12_001 });
  });

  it('are no more than so many, the newest', async () => {
    await record(1, 100, 'now()');
    expect(await trimConflicts(its.admin, { days: 30, records: 7 })).toBe(93);
    expect(await left()).toEqual({ n: 7, first: 94 });
  });
});
