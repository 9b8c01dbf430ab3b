import { compose, type StoredDatabase } from '../postgres/compose/index.ts';
import type { Clients, PostgresSession } from '../postgres/clients/ports.ts';
import { kinds } from '../postgres/kinds/index.ts';
import { verifierSecret } from '../postgres/kinds/roles.ts';
import { makeScramVerifier, passwordVersion, validateSpec } from '../postgres/spec/index.ts';
import type { HostRecord } from '../platform/records/host-records.ts';
import { contextFor, kindOf } from './apply-all.ts';

/** What has a name of a user in Postgres. */
export interface Names {
  readonly database: string;
  readonly owner: string;
  readonly group: string;
}

const VERIFIER = makeScramVerifier('x', { iterations: 1 });
const host: HostRecord = {
  id: 'host-1', dataDir: '/', swarmNodeId: 'node-1', controlAvailable: true, peerAddresses: [], clientAddresses: [], cpus: 1,
  memoryBytes: 2 ** 33, images: [{ postgresVersion: '17.6', id: 'sha256:1' }], components: {}, seenAt: '',
}; // prettier-ignore

const specOf = ({ database, owner, group }: Names): StoredDatabase['spec'] => ({
  database_name: database,
  postgres_version: '17.6',
  nodes: [{ name: 'n1', host_ids: ['host-1'] }],
  database_users: [
    { username: owner, db_owner: true, attributes: ['LOGIN', 'CREATEDB'], roles: [group] },
    { username: group, attributes: ['NOLOGIN'] },
  ],
});

/** Those of the names with which a spec is accepted, in place of plain ones; undefined: none. `loadSqlParser` comes first. */
export function acceptedNames(plain: Names, wanted: Names): Names | undefined {
  const isAccepted = (names: Names): boolean => 'spec' in validateSpec(specOf(names));
  let names = plain;
  for (const key of ['database', 'owner', 'group'] as const) {
    const next = { ...names, [key]: wanted[key] };
    if (isAccepted(next)) names = next;
  }
  return names === plain ? undefined : names;
}

/** Makes the roles and the database of these names, as the engine does, in a session that is the same wherever it is asked for. */
export async function makeNamed(fake: Clients, names: Names, session: PostgresSession): Promise<void> {
  const container = { id: 'c', state: 'running' as const, startedAt: '', address: '192.0.2.1', labels: {} };
  const clients: Clients = {
    ...fake,
    dcs: { ...fake.dcs, leader: () => Promise.resolve('a') },
    docker: { ...fake.docker, serviceContainer: () => Promise.resolve(container) },
    postgres: { ...fake.postgres, session: (_target, work) => work(session) },
  };
  for (const name of [names.owner, names.group]) await clients.secrets.put(verifierSecret('shop', name), VERIFIER);
  const stored = { spec: specOf(names), passwordVersions: { [names.owner]: passwordVersion(VERIFIER) } };
  for (const desired of compose(stored, { databaseId: 'shop', hosts: [host] })) {
    if (!['postgres.roles', 'postgres.database'].includes(desired.ref.kind)) continue;
    const kind = kindOf(kinds, desired.ref.kind);
    await kind.create(kind.spec.parse(desired.spec), contextFor(clients, 'shop', desired.ref, new Map()));
  }
}
