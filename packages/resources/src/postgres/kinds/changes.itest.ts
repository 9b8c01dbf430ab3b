import { setTimeout as sleep } from 'node:timers/promises';
import { plainSpec as base, RealDatabase, type Spec } from '../../testing/real-database.ts';

const users: Spec['database_users'] = [
  ...(base.database_users ?? []),
  { username: 'other', attributes: ['LOGIN', 'CREATEDB'], roles: ['pg_monitor'] },
];

let db: RealDatabase;
const change = (next: Spec): Promise<string[]> => db.change(next);
const sql = <R extends object>(text: string, database?: string): Promise<R[]> => db.sql<R>(text, database);
const startedAt = async (): Promise<string> =>
  (await sql<{ at: string }>('SELECT pg_postmaster_start_time()::text AS at'))[0]?.at ?? '';

beforeAll(async () => {
  db = await RealDatabase.create('ch', base);
});
afterAll(() => db.remove());

describe('changes of a running instance', () => {
  it('a setting that needs no restart is in effect at once and restarts nothing', async () => {
    const before = await startedAt();
    expect(await change({ ...base, postgresql_conf: { work_mem: '9MB' } })).toEqual([
      'patroni.cluster',
      'postgres.settings',
      'postgres.trial',
    ]);
    expect(await sql('SHOW work_mem')).toEqual([{ work_mem: '9MB' }]);
    expect(await startedAt()).toBe(before);
  });

  it('a setting taken out of the spec goes back to its default, without a restart', async () => {
    const before = await startedAt();
    await change(base);
    expect(await sql('SHOW work_mem')).toEqual([{ work_mem: '4MB' }]);
    expect(await startedAt()).toBe(before);
  });

  it('a line of pg_hba.conf and one of pg_ident.conf restart nothing', async () => {
    const before = await startedAt();
    await change({ ...base, pg_hba_conf: ['host all app 192.0.2.0/24 reject'], pg_ident_conf: ['people alice app'] });
    const rules = await sql<{ address: string }>(`SELECT address FROM pg_hba_file_rules WHERE 'app' = ANY(user_name)`);
    expect(rules).toEqual([{ address: '192.0.2.0' }]);
    expect(await sql(`SELECT sys_name FROM pg_ident_file_mappings WHERE map_name = 'people'`)).toEqual([
      { sys_name: 'alice' },
    ]);
    expect(await startedAt()).toBe(before);
  });

  it('a setting that needs a restart gets one, through Patroni', async () => {
    const before = await startedAt();
    await change({ ...base, postgresql_conf: { max_connections: 150 } });
    expect(await sql('SHOW max_connections')).toEqual([{ max_connections: '150' }]);
    expect(await startedAt()).not.toBe(before);
  });

  it('a user comes with its attributes and roles and goes with its objects handed to the owner', async () => {
    await change({ ...base, database_users: users });
    expect(
      await sql(
        `SELECT rolcreatedb, pg_has_role(rolname, 'pg_monitor', 'member') AS monitor FROM pg_roles WHERE rolname = 'other'`,
      ),
    ).toEqual([{ rolcreatedb: true, monitor: true }]);
    await sql('CREATE TABLE public.things (i int); ALTER TABLE public.things OWNER TO other', 'shop');
    await change(base);
    expect(await sql(`SELECT 1 FROM pg_roles WHERE rolname = 'other'`)).toEqual([]);
    const owner = await sql(`SELECT tableowner FROM pg_tables WHERE tablename = 'things'`, 'shop');
    expect(owner).toEqual([{ tableowner: 'app' }]);
  });

  it('a setting Postgres does not know is refused by name', async () => {
    await expect(change({ ...base, postgresql_conf: { no_such_setting: '1' } })).rejects.toThrow(
      'unrecognized configuration parameter "no_such_setting"',
    );
    await change(base);
  });
});

describe('a session that stays open', () => {
  const ask = async (text: string, signal?: AbortSignal): Promise<number> => {
    const target = {
      address: await db.address(),
      database: 'postgres',
      keep: true,
      ...(signal && { signal }),
    } as const;
    return db.stack.clients.postgres.session(target, async (session) => {
      const [row] = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await session.query(text);
      return row?.pid ?? 0;
    });
  };

  it('answers the next question, too', async () => {
    const first = await ask('SELECT 1');
    expect(await Promise.all([ask('SELECT 1'), ask('SELECT 1')])).toEqual([first, first]);
  });
  it('that was ended, or failed, is followed by another one', async () => {
    const first = await ask('SELECT 1');
    await sql(`SELECT pg_terminate_backend(${String(first)}, 5000)`);
    const second = await ask('SELECT 1');
    await expect(ask('SELECT 1/0')).rejects.toMatchObject({ code: 'postgres_rejected' });
    const third = await ask('SELECT 1');
    expect(new Set([first, second, third]).size).toBe(3);
  });
  it('that ends by itself is told, with where; one that we end is not', async () => {
    const lost: string[] = [];
    const unsubscribe = db.stack.clients.postgres.onSessionLost((at) => lost.push(at));
    const pid = await ask('SELECT 1');
    await sql(`SELECT pg_terminate_backend(${String(pid)}, 5000)`);
    await ask('SELECT 1');
    await expect(ask('SELECT 1/0')).rejects.toThrow();
    unsubscribe();
    expect(lost).toEqual([await db.address()]);
  });
  it('whose question hangs is given up, and the next is not held up', async () => {
    const first = await ask('SELECT 1');
    await expect(ask('SELECT pg_sleep(60)', AbortSignal.timeout(200))).rejects.toMatchObject({
      code: 'postgres_unavailable',
    });
    expect(await ask('SELECT 1')).not.toBe(first);
  });
  it('does not live long: new ones must be accepted', async () => {
    const first = await ask('SELECT 1');
    await sleep(10_500);
    expect(await sql(`SELECT 1 FROM pg_stat_activity WHERE pid = ${String(first)}`)).toEqual([]);
    expect(await ask('SELECT 1')).not.toBe(first);
  });
});
