import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { plainSpec, RealDatabase } from '../../testing/real-database.ts';
import { controlName, memberName } from '../spec/own-names.ts';
import type { toConfig } from './patroni-cluster.ts';

let db: RealDatabase;
let scope: string;
beforeAll(async () => {
  db = await RealDatabase.create('cn', plainSpec);
  scope = `${db.id}:n1`;
});
afterAll(() => db.remove());

type Config = ReturnType<typeof toConfig> & {
  readonly postgresql: { readonly pg_hba: readonly string[]; readonly pg_ident: readonly string[] };
};
/** The rules as an earlier release made them: one name for the databases of all hosts. */
const before = ({ postgresql, ...config }: Config) => ({
  ...config,
  postgresql: {
    ...postgresql,
    pg_hba: postgresql.pg_hba.map((line) => line.replace(' map=windlass_control', '')),
    pg_ident: postgresql.pg_ident
      .filter((line) => !line.startsWith('windlass_control '))
      .map((line) => line.replace(controlName(db.id), 'windlass')),
  },
});
const startedAt = async () => (await db.sql<{ at: string }>('SELECT pg_postmaster_start_time()::text AS at'))[0]?.at;
const mapped = `SELECT 1 FROM pg_hba_file_rules WHERE 'map=windlass_control' = ANY (options)`;

/** Who is let in as the superuser with a certificate of this name; else why not. */
async function enter(commonName: string): Promise<string> {
  const { certificates } = db.stack.clients;
  const { certPem: cert, keyPem: key } = await certificates.issue({ commonName, names: [], days: 1 });
  const ssl = { cert, key, ca: await certificates.caPem(), checkServerIdentity: () => undefined };
  const client = new pg.Client({
    host: await db.address(),
    user: 'windlass',
    database: 'postgres',
    password: '-',
    ssl,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<{ who: string }>('SELECT current_user AS who')).rows[0]?.who ?? '';
  } catch (err) {
    return (err as { code?: string }).code ?? '';
  } finally {
    await client.end().catch(() => undefined);
  }
}

it('the name of this database is let in; that of another one, of a member, and the one of before are not', async () => {
  const names = [controlName(db.id), controlName('another'), memberName(scope), 'windlass', 'windlass_control'];
  expect(await Promise.all(names.map(enter))).toEqual(['windlass', '28000', '28000', '28000', '28000']);
});

it('a database with the rules of before is operated as ever, and is given its name without a restart', async () => {
  const { dcs, patroni } = db.stack.clients;
  const began = await startedAt();
  await dcs.putConfig(scope, before((await dcs.config(scope)) as Config));
  await patroni.wake(await db.address());
  while ((await db.sql(mapped)).length > 0) await sleep(100);
  expect(await Promise.all(['windlass', controlName(db.id)].map(enter))).toEqual(['windlass', '28000']);
  expect(await db.sql('SELECT current_user AS who', 'shop', 'look')).toEqual([{ who: 'windlass_look' }]);
  expect(await db.drift()).toContain('patroni.cluster pg_ident');
  await db.change(plainSpec, 'patroni.cluster', 'postgres.settings');
  expect(await Promise.all(['windlass', controlName(db.id)].map(enter))).toEqual(['28000', 'windlass']);
  expect(await db.sql('SELECT current_user AS who', 'shop', 'look')).toEqual([{ who: 'windlass_look' }]);
  expect([await startedAt(), await db.drift()]).toEqual([began, []]);
});
