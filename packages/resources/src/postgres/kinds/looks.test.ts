import { tmpdir } from 'node:os';
import type { Clients, PostgresSession } from '../clients/ports.ts';
import { compose } from '../compose/index.ts';
import { refKey, type Desired } from '../../engine/resource.ts';
import { DomainError } from '../../errors/index.ts';
import { contextFor, kindOf } from '../../testing/apply-all.ts';
import { createFakeClients } from '../../testing/fake-clients.ts';
import type { HostRecord } from '../../platform/records/host-records.ts';
import { kinds } from './index.ts';

const host: HostRecord = {
  id: 'host-1', dataDir: '/', swarmNodeId: 'node-1', controlAvailable: true, peerAddresses: [], clientAddresses: ['127.0.0.1'], cpus: 1,
  memoryBytes: 2 ** 33, images: [{ postgresVersion: '17.6', id: 'sha256:1' }], components: {}, seenAt: '',
}; // prettier-ignore
const wanted: Desired[] = compose(
  {
    spec: {
      database_name: 'shop',
      postgres_version: '17.6',
      nodes: [{ name: 'n1', host_ids: ['host-1'] }],
      scripts: { post_database_create: ['SELECT 1'] },
    },
    passwordVersions: {},
  },
  { databaseId: 'hello', hosts: [host] },
);

const container = { id: 'c', state: 'running' as const, startedAt: '', address: '192.0.2.1', labels: {} };

/** A Postgres whose application's database refuses to be entered, if it does, and that gives these rows to every question. */
interface Server {
  readonly refusal?: DomainError;
  readonly rows?: unknown[];
}

/** A look at what one kind has inside Postgres: what it finds, and each session with how many statements it had. */
async function look(kind: string, { refusal, rows = [] }: Server = {}) {
  const sessions: string[] = [];
  const fake = await createFakeClients(tmpdir());
  const clients: Clients = {
    ...fake,
    dcs: { ...fake.dcs, leader: () => Promise.resolve('hello-n1-a') },
    docker: { ...fake.docker, serviceContainer: () => Promise.resolve(container) },
    postgres: {
      ...fake.postgres,
      session: async ({ database, as }, work) => {
        if (refusal && database === 'shop') throw refusal;
        let asked = 0;
        const query = (): Promise<unknown[]> => ((asked += 1), Promise.resolve(rows));
        const count = (): void => void sessions.push(`${as ?? 'superuser'} in ${database}: ${String(asked)}`);
        return work({ query } as unknown as PostgresSession).finally(count);
      },
    },
  };
  const { ref, spec } = wanted.find((d) => d.ref.kind === kind) ?? { ref: { kind, id: '' }, spec: {} };
  const statuses = new Map([[refKey(ref) as string, {}]]);
  const found = kindOf(kinds, kind).refresh({ spec, status: {} }, contextFor(clients, 'hello', ref, statuses));
  return { sessions, found: await found.catch((err: Error) => err.message) };
}

/** Of every one is a handshake at both ends, at each look at each database. */
test.each([
  ['postgres.settings', ['superuser in postgres: 2']],
  ['postgres.roles', ['superuser in postgres: 2']],
  ['postgres.database', ['look in postgres: 1']],
  ['postgres.extensions', ['look in shop: 1']],
  ['postgres.script', ['look in shop: 0']],
  ['patroni.members', []],
  ['postgres.instance', []],
])('a look at %s takes one session at most', async (kind, sessions) => {
  expect((await look(kind)).sessions).toEqual(sessions);
});

describe.each(['postgres.extensions', 'postgres.script'])(
  'a look at %s in a database that cannot be entered',
  (kind) => {
    const refused = (sqlState?: string) => new DomainError('postgres_rejected', 'no', { details: { sqlState } });
    const asked = { sessions: ['look in postgres: 1'] };

    it('asks whether it is gone, or nobody can enter it', async () => {
      expect(await look(kind, { refusal: refused('3D000') })).toEqual({ ...asked, found: undefined });
      for (const state of ['shut', 'invalid'])
        expect(await look(kind, { refusal: refused('55000'), rows: [{ state }] })).toEqual({
          ...asked,
          found: "nobody can connect to database 'shop'",
        });
      expect(await look(kind, { refusal: refused('53300'), rows: [{ state: 'open' }] })).toEqual({
        ...asked,
        found: 'no',
      });
    });

    it('of a Postgres that does not answer asks nothing more', async () => {
      expect(await look(kind, { refusal: refused() })).toEqual({ sessions: [], found: 'no' });
    });
  },
);
