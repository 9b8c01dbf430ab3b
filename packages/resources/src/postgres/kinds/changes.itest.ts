import { setTimeout as sleep } from 'node:timers/promises';
import { compose, type StoredDatabase } from '../compose/index.ts';
import { refKey } from '../../engine/resource.ts';
import { makeScramVerifier, passwordVersion } from '../spec/index.ts';
import { createAll, deleteAll, kindOf, contextFor } from '../../testing/apply-all.ts';
import { openRealStack, type RealStack } from '../../testing/real-stack.ts';
import { kinds } from './index.ts';
import { withInstance } from './instance.ts';

const ID = `ch-${process.pid.toString(36)}`;
const VERIFIER = makeScramVerifier('a secret of the test');
type Spec = StoredDatabase['spec'];

const base: Spec = {
  database_name: 'shop',
  postgres_version: '17.6',
  nodes: [{ name: 'n1', host_ids: ['it-host'] }],
  database_users: [{ username: 'app', db_owner: true, attributes: ['LOGIN'] }],
};
const users: Spec['database_users'] = [
  ...(base.database_users ?? []),
  { username: 'other', attributes: ['LOGIN', 'CREATEDB'], roles: ['pg_monitor'] },
];

let stack: RealStack;
let spec = base;
let statuses = new Map<string, unknown>();
const wanted = (of: Spec) =>
  compose({ spec: of, passwordVersions: { app: passwordVersion(VERIFIER) } }, { databaseId: ID, hosts: [stack.host] });
const service = (): string => wanted(base).find((d) => d.ref.kind === 'swarm.service')?.ref.id ?? '';

async function sql<R extends object>(text: string): Promise<R[]> {
  return withInstance(stack.clients, service(), 'postgres', new AbortController().signal, (session) =>
    session.query<R>(text),
  );
}
const startedAt = async (): Promise<string> =>
  (await sql<{ at: string }>('SELECT pg_postmaster_start_time()::text AS at'))[0]?.at ?? '';

/** Updates what differs between the two specs, in order, as the engine would. */
async function change(next: Spec): Promise<string[]> {
  const before = new Map(wanted(spec).map((d) => [refKey(d.ref), JSON.stringify(d.spec)]));
  const steps = wanted(next).filter((d) => before.get(refKey(d.ref)) !== JSON.stringify(d.spec));
  for (const d of steps) {
    const kind = kindOf(kinds, d.ref.kind);
    const prior = {
      spec: JSON.parse(before.get(refKey(d.ref)) ?? '{}') as unknown,
      status: statuses.get(refKey(d.ref)),
    };
    statuses.set(refKey(d.ref), await kind.update?.(d.spec, prior, contextFor(stack.clients, ID, d.ref, statuses)));
  }
  spec = next;
  return steps.map((d) => d.ref.kind).sort();
}

beforeAll(async () => {
  stack = await openRealStack();
  await stack.clients.secrets.put(`database/${ID}/user/app`, VERIFIER);
  statuses = new Map((await createAll(kinds, stack.clients, ID, wanted(base))).statuses);
});
afterAll(async () => {
  await deleteAll(kinds, stack.clients, ID, wanted(spec), statuses);
  await stack.close();
});

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
    await withInstance(stack.clients, service(), 'shop', new AbortController().signal, async (session) => {
      await session.query('CREATE TABLE public.things (i int)');
      await session.query('ALTER TABLE public.things OWNER TO other');
    });
    await change(base);
    expect(await sql(`SELECT 1 FROM pg_roles WHERE rolname = 'other'`)).toEqual([]);
    const owner = await withInstance(stack.clients, service(), 'shop', new AbortController().signal, (session) =>
      session.query(`SELECT tableowner FROM pg_tables WHERE tablename = 'things'`),
    );
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
  const address = async (): Promise<string> => (await stack.clients.docker.serviceContainer(service()))?.address ?? '';
  const ask = async (text: string, signal?: AbortSignal): Promise<number> => {
    const target = { address: await address(), database: 'postgres', keep: true, ...(signal && { signal }) } as const;
    return stack.clients.postgres.session(target, async (session) => {
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
    const unsubscribe = stack.clients.postgres.onSessionLost((at) => lost.push(at));
    const pid = await ask('SELECT 1');
    await sql(`SELECT pg_terminate_backend(${String(pid)}, 5000)`);
    await ask('SELECT 1');
    await expect(ask('SELECT 1/0')).rejects.toThrow();
    unsubscribe();
    expect(lost).toEqual([await address()]);
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
