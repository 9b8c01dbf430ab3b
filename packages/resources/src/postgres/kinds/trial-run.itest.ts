import { openDocker } from '../../platform/clients/docker.ts';
import { compose } from '../compose/index.ts';
import { tryConfiguration, type Configuration } from '../inside/trial-run.ts';
import type { HostRecord } from '../../platform/records/host-records.ts';

const MAJORS = [15, 17, 18] as const;
type Own = Readonly<Partial<{ conf: Record<string, string | number>; hba: string[]; ident: string[] }>>;
let docker: Awaited<ReturnType<typeof openDocker>>;
beforeAll(async () => void (docker = await openDocker()));
afterAll(() => docker.close());

/** Everything an instance would be configured with, the lines of the system included. */
function configurationOf(major: number, { conf = {}, hba = [], ident = [] }: Own): Configuration {
  const version = `${String(major)}.6`;
  const host: HostRecord = {
    ...{ id: 'h', dataDir: '/d', swarmNodeId: 'n', controlAvailable: true, peerAddresses: [], clientAddresses: [] },
    ...{ cpus: 2, memoryBytes: 2 ** 33, images: [{ postgresVersion: version, id: 'i' }], components: {}, seenAt: '' },
  };
  const spec = {
    ...{ database_name: 'shop', postgres_version: version, nodes: [{ name: 'n1', host_ids: ['h'] }] },
    ...{ postgresql_conf: conf, pg_hba_conf: hba, pg_ident_conf: ident },
  };
  const wanted = compose({ spec, passwordVersions: {} }, { databaseId: 'trial', hosts: [host] });
  return wanted.find((d) => d.ref.kind === 'patroni.cluster')?.spec as Configuration;
}

const attempt = (major: number, own: Own): Promise<string | undefined> =>
  tryConfiguration(
    { docker },
    {
      ...configurationOf(major, own),
      instanceId: `it-${String(major)}-${process.pid.toString(36)}`,
      imageId: `windlass/postgres:${String(major)}`,
      signal: new AbortController().signal,
    },
  );

const REJECT = 'host all app all reject';
const BAD_OPTION = 'host all all all scram-sha-256 clientcert=verify-full';
const BAD_PATTERN = 'people "/^(" app';
/** PostgreSQL 15 does not say in its log in which line a pattern stands. */
const ofPattern = (major: number, { pgIdent }: Configuration): string =>
  `${major > 15 ? `line ${String(pgIdent.indexOf(BAD_PATTERN) + 1)} of configuration file pg_ident.conf: ` : ''}invalid regular expression "^("`;
type Reason = string | ((major: number, all: Configuration) => string);
const cases: readonly (readonly [string, Own, Reason])[] = [
  ['huge pages where there are none', { conf: { huge_pages: 'on' } }, 'could not map anonymous shared memory'],
  ['a value out of range', { conf: { work_mem: '1kB' } }, 'outside the valid range for parameter "work_mem"'],
  ['a word that is none', { conf: { wal_compression: 'perhaps' } }, 'invalid value for parameter "wal_compression"'],
  ['a name that is none', { conf: { no_such_setting: 1 } }, 'unrecognized configuration parameter "no_such_setting"'],
  ['more reserved than there are', { conf: { superuser_reserved_connections: 100 } }, 'must be less than'],
  ['a library that is not there', { conf: { session_preload_libraries: 'auto_explian' } }, 'could not access file'],
  ['an unknown name of a library', { conf: { 'pg_stat_statements.nonsense': 1 } }, 'pg_stat_statements.nonsense'],
  [
    'a bad option',
    { hba: [REJECT, BAD_OPTION] },
    (_major, { pgHba }) =>
      `line ${String(pgHba.indexOf(BAD_OPTION) + 1)} of configuration file pg_hba.conf: clientcert`,
  ],
  ['a rule without what it needs', { hba: ['host all all all radius'] }, 'radiusservers'],
  [
    'a rule that cannot be both',
    { hba: ['host all all all ldap ldapprefix=uid= ldapbasedn=dc=x'] },
    (major) => (major < 18 ? 'ldapbasedn' : 'cannot mix options for simple bind and search+bind modes'),
  ],
  ['a mapping with a bad pattern', { ident: [BAD_PATTERN] }, ofPattern],
  ['oauth without a validator', { hba: ['host all all all oauth issuer=https://x scope=y'] }, 'oauth'],
];

describe.each(MAJORS)('a trial of Postgres %i', (major) => {
  test.each(cases)('refuses %s, in its own words', async (_what, own, reason) => {
    const expected = typeof reason === 'string' ? reason : reason(major, configurationOf(major, own));
    expect(await attempt(major, own)).toContain(expected);
  });

  test('takes what an instance takes', async () => {
    const conf = {
      work_mem: '9MB',
      'app.environment': "it's\\prod",
      'plpgsql.extra_warnings': 'all',
      statement_timeout: 1,
    };
    const long = Array.from({ length: 900 }, (_one, i) => `host all u${String(i)} 10.0.0.0/8 reject`);
    const hba = [REJECT, 'hostssl all all all cert clientcert=verify-full map=people', ...long];
    expect(await attempt(major, { conf, hba, ident: ['people alice app'] })).toBeUndefined();
  });
});
