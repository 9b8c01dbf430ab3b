import { compose, type StoredDatabase } from '../compose/index.ts';
import { refKey, type Desired } from '../../engine/resource.ts';
import { createAll, deleteAll, kindOf, contextFor } from '../../testing/apply-all.ts';
import { openRealStack, type RealStack } from '../../testing/real-stack.ts';
import { kinds } from './index.ts';
import { withInstance } from './instance.ts';
import type { Configuration } from '../inside/trial-run.ts';

type Spec = StoredDatabase['spec'];
const MAJORS = [15, 17, 18] as const;
const never = new AbortController().signal;
let stack: RealStack;
beforeAll(async () => {
  stack = await openRealStack();
});
afterAll(() => stack.close());

/** One database of a major version, changed step by step as the engine would. */
class Database {
  readonly id: string;
  readonly base: Spec;
  readonly #image: string;
  #applied = new Map<string, Desired>();
  statuses = new Map<string, unknown>();

  constructor(major: number, image: string) {
    this.id = `st${String(major)}-${process.pid.toString(36)}`;
    this.#image = image;
    this.base = {
      database_name: 'shop',
      postgres_version: `${String(major)}.6`,
      nodes: [{ name: 'n1', host_ids: ['it-host'] }],
      database_users: [],
    };
  }

  wanted(more: Partial<Spec>): Desired[] {
    const spec = { ...this.base, ...more };
    const images = [{ postgresVersion: this.base.postgres_version ?? '', id: this.#image }];
    return compose({ spec, passwordVersions: {} }, { databaseId: this.id, hosts: [{ ...stack.host, images }] });
  }

  async create(more: Partial<Spec> = {}): Promise<void> {
    const wanted = this.wanted(more);
    this.statuses = new Map((await createAll(kinds, stack.clients, this.id, wanted)).statuses);
    this.#applied = new Map(wanted.map((d) => [refKey(d.ref), d]));
  }

  /** Updates what differs from what was applied last, but for some kinds. Stops at the first that fails. */
  async change(more: Partial<Spec>, without: readonly string[] = []): Promise<void> {
    for (const d of this.wanted(more)) {
      const before = this.#applied.get(refKey(d.ref));
      if (without.includes(d.ref.kind) || JSON.stringify(before?.spec) === JSON.stringify(d.spec)) continue;
      const kind = kindOf(kinds, d.ref.kind);
      const context = contextFor(stack.clients, this.id, d.ref, this.statuses);
      const prior = before && { spec: before.spec, status: this.statuses.get(refKey(d.ref)) };
      this.statuses.set(
        refKey(d.ref),
        await (prior ? kind.update?.(d.spec, prior, context) : kind.create(d.spec, context)),
      );
      this.#applied.set(refKey(d.ref), d);
    }
  }

  sql<R extends object>(text: string): Promise<R[]> {
    const service = this.wanted({}).find((d) => d.ref.kind === 'swarm.service')?.ref.id ?? '';
    return withInstance(stack.clients, service, 'postgres', never, (session) => session.query<R>(text));
  }

  async show(name: string): Promise<string | null | undefined> {
    const [row] = await this.sql<{ value: string | null }>(
      `SELECT pg_catalog.current_setting('${name}', true) AS value`,
    );
    return row?.value;
  }

  /** What stands before the lines of the spec in `pg_hba.conf` or `pg_ident.conf`. */
  linesBefore(file: 'pgHba' | 'pgIdent'): number {
    const own = 'a line of the spec';
    const wanted = this.wanted({ pg_hba_conf: [own], pg_ident_conf: [own] });
    const all = wanted.find((d) => d.ref.kind === 'patroni.cluster')?.spec as Configuration;
    return all[file].indexOf(own);
  }

  /** What tells a Postgres that was restarted or given other settings from one that nobody touched. */
  async untouched(): Promise<unknown> {
    const [row] = await this.sql(
      'SELECT pg_postmaster_start_time()::text AS at, pg_read_file($$postgresql.conf$$) AS conf',
    );
    return { row, dcs: await stack.clients.dcs.config(`${this.id}:n1`) };
  }

  remove(): Promise<void> {
    return deleteAll(kinds, stack.clients, this.id, this.wanted({}), this.statuses);
  }
}

describe.each(MAJORS)('settings of Postgres %i', (major) => {
  let db: Database;
  beforeAll(async () => {
    const image = await stack.clients.docker.image(`windlass/postgres:${String(major)}`);
    db = new Database(major, image?.id ?? '');
    await db.create({ postgresql_conf: { max_wal_size: '2GB' } });
  });
  afterAll(() => db.remove());

  it('one of those that initdb writes goes back to what it wrote there', async () => {
    expect(await db.show('max_wal_size')).toBe('2GB');
    await db.change({ postgresql_conf: { log_timezone: 'Europe/Berlin', datestyle: 'German' } });
    expect([await db.show('max_wal_size'), await db.show('log_timezone')]).toEqual(['1GB', 'Europe/Berlin']);
    await db.change({});
    expect([await db.show('log_timezone'), await db.show('datestyle')]).toEqual(['Etc/UTC', 'ISO, MDY']);
  });

  it('those of libraries that are not loaded are in effect at once, and go again', async () => {
    const conf = { 'app.environment': 'prod', 'plpgsql.extra_warnings': 'all', 'auto_explain.log_min_duration': '1s' };
    await db.change({ postgresql_conf: conf });
    expect(await db.show('app.environment')).toBe('prod');
    expect(await db.show('auto_explain.log_min_duration')).toBe('1s');
    await db.change({});
    expect((await db.show('app.environment')) ?? '').toBe('');
  });

  it('another way to write the value in effect is believed', async () => {
    await db.change({ postgresql_conf: { work_mem: '4MB', checkpoint_timeout: '900s', Max_Connections: '100' } });
    await db.change({ postgresql_conf: { work_mem: '4096kB', checkpoint_timeout: '15min', Work_Mem: '4 MB' } });
    expect([await db.show('work_mem'), await db.show('checkpoint_timeout')]).toEqual(['4MB', '15min']);
    await db.change({});
  });

  it.each<[string, Partial<Spec>, string | (() => string)]>([
    [
      'huge pages where there are none',
      { postgresql_conf: { huge_pages: 'on' } },
      'could not map anonymous shared memory',
    ],
    [
      'a value that is out of range',
      { postgresql_conf: { work_mem: '1kB' } },
      'outside the valid range for parameter "work_mem"',
    ],
    [
      'a word that is none',
      { postgresql_conf: { wal_compression: 'perhaps' } },
      'invalid value for parameter "wal_compression"',
    ],
    [
      'a name that is none',
      { postgresql_conf: { no_such_setting: 1 } },
      'unrecognized configuration parameter "no_such_setting"',
    ],
    [
      'more reserved connections than there are',
      { postgresql_conf: { superuser_reserved_connections: 100 } },
      'must be less than',
    ],
    [
      'a library that is not there',
      { postgresql_conf: { session_preload_libraries: 'auto_explian' } },
      'could not access file "auto_explian"',
    ],
    [
      'a name of a loaded library that it does not know',
      { postgresql_conf: { 'pg_stat_statements.nonsense': 1 } },
      'pg_stat_statements.nonsense',
    ],
    [
      'a rule with an option that does not fit',
      { pg_hba_conf: ['host all app all reject', 'host all all all scram-sha-256 clientcert=verify-full'] },
      () => `line ${String(db.linesBefore('pgHba') + 2)} of configuration file pg_hba.conf: clientcert`,
    ],
    ['a rule without what it needs', { pg_hba_conf: ['host all all all radius'] }, 'radiusservers'],
    [
      'a rule that cannot be both',
      { pg_hba_conf: ['host all all all ldap ldapprefix=uid= ldapbasedn=dc=x'] },
      major < 18 ? 'ldapbasedn' : 'cannot mix options for simple bind and search+bind modes',
    ],
    [
      'a mapping with a pattern that is none',
      { pg_ident_conf: ['people "/^(" app'] },
      () => {
        const line = `line ${String(db.linesBefore('pgIdent') + 1)} of configuration file pg_ident.conf: `;
        return `${major > 15 ? line : ''}invalid regular expression "^("`; // 15 does not say in its log where
      },
    ],
    [
      'oauth without a library that can',
      { pg_hba_conf: ['host all all all oauth issuer=https://x scope=y'] },
      major >= 18 ? 'oauth_validator_libraries' : 'oauth',
    ],
  ])('%s: refused before anything is written', async (_what, more, reason) => {
    const before = await db.untouched();
    await expect(db.change(more)).rejects.toMatchObject({
      code: 'settings_refused',
      message: expect.stringContaining(typeof reason === 'string' ? reason : reason()) as string,
    });
    expect(await db.untouched()).toEqual(before);
  });

  it('rules that were written all the same are taken back, and the line is named', async () => {
    const before = await stack.clients.dcs.config(`${db.id}:n1`);
    const refused = db.change({ pg_hba_conf: ['host all all all radius'] }, ['postgres.trial']);
    const line = db.linesBefore('pgHba') + 1 + 2; // Patroni begins its files with two
    await expect(refused).rejects.toThrow(
      new RegExp(`line ${String(line)} of pg_hba\\.conf: .*radiusservers.*; the former settings were put back`),
    );
    expect(await stack.clients.dcs.config(`${db.id}:n1`)).toEqual(before);
    const errors = async (): Promise<object[]> => db.sql('SELECT 1 FROM pg_hba_file_rules WHERE error IS NOT NULL');
    await eventually(async () => (await errors()).length === 0);
    await db.change({}, ['postgres.trial']);
  });

  it('what somebody else wrote into the rules and mappings is written over', async () => {
    for (const file of ['pg_hba', 'pg_ident'])
      await db.sql(`COPY (SELECT 'nonsense') TO PROGRAM 'cat >> /windlass/data/pgdata/${file}.conf'`);
    await db.change({ postgresql_conf: { work_mem: '6MB' } });
    const wrong = `SELECT 1 FROM pg_hba_file_rules WHERE error IS NOT NULL UNION ALL SELECT 1 FROM pg_ident_file_mappings WHERE error IS NOT NULL`;
    expect([await db.show('work_mem'), await db.sql(wrong)]).toEqual(['6MB', []]);
    await db.change({});
  });

  it('a Postgres that does not start with them gets the former ones, and says why', async () => {
    await db.change({ postgresql_conf: { max_prepared_transactions: 4 } });
    for (const name of ['a', 'b', 'c'])
      await db.sql(`BEGIN; CREATE TABLE public.t_${name} (); PREPARE TRANSACTION '${name}'`);
    await expect(db.change({ postgresql_conf: { max_prepared_transactions: 1 } })).rejects.toMatchObject({
      code: 'settings_refused',
      message: expect.stringMatching(
        /maximum number of prepared transactions reached; the former settings were put back/,
      ) as string,
    });
    expect(await db.show('max_prepared_transactions')).toBe('4');
    expect(await db.sql('SELECT gid FROM pg_prepared_xacts ORDER BY gid')).toHaveLength(3);
    for (const name of ['a', 'b', 'c']) await db.sql(`ROLLBACK PREPARED '${name}'`);
    await db.change({ postgresql_conf: { max_prepared_transactions: 4, work_mem: '5MB' } });
    expect(await db.show('work_mem')).toBe('5MB');
  });
});

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 15_000;
  while (!(await holds())) if (Date.now() > until) throw new Error('it did not become so within 15 s');
}
