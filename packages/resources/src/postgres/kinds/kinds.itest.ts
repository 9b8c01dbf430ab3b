import { compose, type StoredDatabase } from '../compose/index.ts';
import { topologicalOrder } from '../../engine/graph.ts';
import { refKey, type Desired } from '../../engine/resource.ts';
import { makeScramVerifier, passwordVersion, repositorySecretName, sealRepositories } from '../spec/index.ts';
import { kindOf } from '../../testing/apply-all.ts';
import { describeDeletedKind, describeKind, type KindCase } from '../../testing/describe-kind.ts';
import { openRealStack, type RealStack } from '../../testing/real-stack.ts';
import { kinds } from './index.ts';
import { withPrimary } from '../inside/with-primary.ts';
import type { HostRecord } from '../../platform/records/host-records.ts';

const ID = `it-${process.pid.toString(36)}`;
const VERIFIER = makeScramVerifier('a secret of the test');

const stored: StoredDatabase = {
  spec: {
    database_name: 'shop',
    postgres_version: '17.6',
    port: 0,
    nodes: [
      { name: 'n1', host_ids: ['it-host'] },
      { name: 'n2', host_ids: ['it-host'] },
    ],
    database_users: [{ username: 'app', db_owner: true, attributes: ['LOGIN'], roles: ['pgedge_superuser'] }],
    postgresql_conf: { work_mem: '8MB' },
    backup_config: {
      repositories: [{ type: 'posix', base_path: '/disk', custom_options: { 'cipher-type': 'aes-256-cbc' } }],
      schedules: [{ id: 'nightly', type: 'full', cron_expression: '0 2 * * *' }],
    },
    scripts: { post_init: ['CREATE TABLE first (i int)'], post_database_create: ['CREATE TABLE second (i int)'] },
  },
  passwordVersions: { app: passwordVersion(VERIFIER) },
  nodeNumbers: { current: { n1: 1, n2: 2 }, given: [1, 2] },
};
const sealed = sealRepositories(stored.spec);
const declared: StoredDatabase = { ...stored, spec: sealed.spec, repositorySecrets: sealed.facts };

const wanted = (host: HostRecord): Desired[] => compose(declared, { databaseId: ID, hosts: [host] });

/** Only to know the refs before the stack is open; the image is another one. */
const PLACEHOLDER: HostRecord = {
  id: 'it-host', dataDir: '/', swarmNodeId: '', controlAvailable: true, peerAddresses: [], clientAddresses: [], cpus: 1,
  memoryBytes: 2 ** 33, images: [{ postgresVersion: '17.6', id: 'none' }],
  replicatorImages: [{ id: 'none', hash: '' }], components: {}, seenAt: '',
}; // prettier-ignore

const refs = new Map<string, Desired>(wanted(PLACEHOLDER).map((d) => [refKey(d.ref), d]));
const order = topologicalOrder([...refs.keys()], (key) => (refs.get(key)?.dependsOn ?? []).map((d) => refKey(d.ref)));

let stack: RealStack;
const statuses = new Map<string, unknown>();

beforeAll(async () => {
  stack = await openRealStack();
  await stack.clients.secrets.put(`database/${ID}/user/app`, VERIFIER);
  for (const [key, secret] of sealed.secrets)
    await stack.clients.secrets.put(repositorySecretName(ID, key), JSON.stringify(secret));
});
afterAll(() => stack.close());

const caseOf = (key: string): KindCase => {
  const desired = wanted(stack.host).find((d) => refKey(d.ref) === key);
  if (!desired) throw new Error(`'${key}' is not composed`);
  const disturb = disturbances[desired.ref.kind];
  return {
    kind: kindOf(kinds, desired.ref.kind),
    clients: stack.clients,
    entityId: ID,
    desired,
    statuses,
    ...(disturb && { disturb: () => disturb(desired) }),
  };
};

type Spec = Record<string, string>;
const sql = (d: Desired, database: string, ...statements: string[]): Promise<void> =>
  withPrimary(
    stack.clients,
    (d.spec as Spec)['scope'] ?? '',
    database,
    new AbortController().signal,
    async (session) => {
      for (const statement of statements) await session.query(statement);
    },
  );
const file = (d: Desired, name: string): string => `instances/${d.ref.id}/${name}`;

/** What somebody might do to each kind behind our back. */
const disturbances: Readonly<Record<string, (d: Desired) => Promise<void>>> = {
  'host.directories': (d) => stack.clients.files.removeTree(file(d, 'config')),
  'etcd.access': (d) => stack.clients.dcs.removeUser(`instance-${d.ref.id}`),
  'postgres.certificates': (d) => stack.clients.files.removeTree(file(d, 'certs/ca.crt')),
  'patroni.config': (d) => stack.clients.files.write(file(d, 'config/patroni.yaml'), 'name: other\n'),
  'backup.schedule': (d) => stack.clients.schedules.remove(`backup/${ID}/${d.ref.id.replace(':', '/')}`),
  'pgbackrest.config': (d) => stack.clients.files.write(file(d, 'config/pgbackrest.conf'), '[global]\n'),
  'patroni.cluster': (d) => stack.clients.dcs.putConfig((d.spec as Spec)['scope'] ?? '', { ttl: 99 }),
  'postgres.settings': (d) => sql(d, 'postgres', `ALTER SYSTEM SET work_mem = '1MB'`, 'SELECT pg_reload_conf()'),
  'postgres.roles': (d) =>
    sql(d, 'postgres', `ALTER ROLE app CREATEDB PASSWORD 'other'`, 'REVOKE pgedge_superuser FROM app'),
  'postgres.database': (d) => sql(d, 'postgres', 'ALTER DATABASE shop OWNER TO windlass'),
  'replication.certificates': (d) => stack.clients.files.removeTree(file(d, 'replicator/certs/replicator.key')),
  'replication.schema': (d) =>
    sql(d, 'shop', 'DROP PUBLICATION windlass', `UPDATE windlass.version SET digest = 'of another release'`),
  'replication.slots': (d) => sql(d, 'postgres', 'ALTER DATABASE shop RESET windlass.opened'),
  'replication.service': (d) => stack.clients.docker.removeService(`repl-${d.ref.id}`, new AbortController().signal),
  'postgres.extensions': (d) => sql(d, 'shop', 'DROP EXTENSION pg_stat_statements'),
};

describe('every kind on the real thing', () => {
  it('the database uses every kind there is, but those that begin with a backup, or as a copy (restore-tour, add-node of e2e/src)', () => {
    const used = [...refs.values()].map((d) => d.ref.kind);
    expect([...new Set([...used, 'postgres.restored', 'replication.copy'])].sort()).toEqual(
      kinds.map((k) => k.kind).sort(),
    );
  });

  for (const key of order) describeKind(key, () => caseOf(key));

  describe('afterwards', () => {
    for (const key of [...order].reverse()) describeDeletedKind(key, () => caseOf(key));

    it('nothing is left', async () => {
      const { docker, dcs, files } = stack.clients;
      const instance = wanted(stack.host).find((d) => d.ref.kind === 'host.directories')?.ref.id ?? '';
      expect(await docker.service(`repl-${instance}`)).toBeUndefined();
      expect(await docker.service(`postgres-${instance}`)).toBeUndefined();
      expect(await docker.serviceContainer(`postgres-${instance}`)).toBeUndefined();
      expect(await docker.network(`windlass-${ID}`)).toBeUndefined();
      expect(await dcs.config(`${ID}:n1`)).toBeUndefined();
      expect(await files.directory(`instances/${instance}`)).toBeUndefined();
    });

    it('the backups are left', async () => {
      const archive = `backups/${ID}/disk/databases/${ID}/n1/archive/db`;
      expect(await stack.clients.files.read(`${archive}/archive.info`)).toMatch(/^Salted__/);
    });
  });
});
