import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { domainErrorOf } from '../../errors/index.ts';
import { serviceName } from '../spec/identity.ts';
import { defineResource } from './define.ts';
import { directories, instancePath } from './directories.ts';
import { endOfLeaf, LEAF_DAYS, leafFaults } from '../inside/leaf.ts';
import { reloadPatroni } from '../inside/reload-patroni.ts';
import { memberName } from '../inside/system-names.ts';

/** The instance's certificate and key: server for Postgres and Patroni, client towards etcd and the primary. */
export const certificates = defineResource({
  kind: 'postgres.certificates',
  version: 2,
  // The names of members among themselves became those of their node.
  migrations: [
    ({ spec, status }, entityId) => ({
      spec: { ...spec, scope: scopeOfInstance(entityId, String(spec['instanceId'])) },
      status,
    }),
  ],
  spec: z.strictObject({ instanceId: z.string(), hostId: z.string(), scope: z.string(), names: z.array(z.string()) }),
  status: z.strictObject({ notAfter: z.string() }),
  id: (spec) => spec.instanceId,
  executor: (spec) => ({ on: 'host', hostId: spec.hostId }),
  dependsOn: (spec) => [{ ref: directories.ref(spec.instanceId) }],
  within: (spec) => directories.ref(spec.instanceId),

  async refresh(prior, { clients }) {
    const found = await readAll(prior.spec.instanceId, clients);
    if (FILES.some((file) => found[file] === undefined)) return undefined;
    return {
      status: { notAfter: endOf(found) },
      drift: faults(found, prior.spec, await clients.certificates.caPem()),
    };
  },
  async create(spec, { clients }) {
    const found = await readAll(spec.instanceId, clients);
    const usable = faults(found, spec, await clients.certificates.caPem()).length === 0;
    return usable ? { notAfter: endOf(found) } : issue(spec, clients);
  },
  async update(spec, _prior, context) {
    const status = await issue(spec, context.clients);
    await reload(spec.instanceId, context);
    return status;
  },
  async delete(prior, { clients }) {
    await clients.files.removeTree(directoryOf(prior.spec.instanceId));
  },
});

/** Patroni's name for the node of an instance. */
const scopeOfInstance = (entityId: string, instanceId: string): string =>
  `${entityId}:${instanceId.slice(entityId.length + 1, instanceId.lastIndexOf('-'))}`;

const FILES = ['ca.crt', 'server.crt', 'server.key', 'etcd.crt', 'etcd.key'] as const;
type Files = Partial<Record<(typeof FILES)[number], string>>;

const directoryOf = (instanceId: string): string => `${instancePath(instanceId)}/certs`;

async function readAll(instanceId: string, { files }: Clients): Promise<Files> {
  const pairs = await Promise.all(
    FILES.map(async (file) => [file, await files.read(`${directoryOf(instanceId)}/${file}`)] as const),
  );
  return Object.fromEntries(pairs.filter(([, content]) => content !== undefined)) as Files;
}

/** What is wrong with the files: `expires` (less than a third of the time is left), `names`, `ca`, or the file that cannot be used. */
function faults(found: Files, spec: { scope: string; names: readonly string[] }, caPem: string): string[] {
  const wrong = new Set<string>(found['ca.crt'] === caPem ? [] : ['ca']);
  for (const name of ['server', 'etcd'] as const) {
    const commonName = name === 'server' ? { commonName: memberName(spec.scope) } : {};
    const itsFaults = leafFaults(found[`${name}.crt`], found[`${name}.key`], { names: spec.names, ...commonName });
    for (const fault of itsFaults) wrong.add(fault === 'unusable' ? `${name}.crt` : fault);
  }
  return [...wrong].sort();
}

async function issue(
  spec: { instanceId: string; scope: string; names: readonly string[] },
  { certificates: ca, files }: Clients,
) {
  const root = directoryOf(spec.instanceId);
  await files.ensureDirectory(root, 0o700);
  // etcd's gateway refuses a client whose certificate has a common name: there a password says who it is.
  const [server, etcd] = await Promise.all(
    [memberName(spec.scope), ''].map((commonName) => ca.issue({ commonName, names: spec.names, days: LEAF_DAYS })),
  );
  if (!server || !etcd) throw new Error('unreachable: two certificates were asked for');
  const content = {
    'ca.crt': await ca.caPem(),
    'etcd.key': etcd.keyPem,
    'etcd.crt': etcd.certPem,
    'server.key': server.keyPem,
    'server.crt': server.certPem,
  };
  await Promise.all(Object.entries(content).map(([file, text]) => files.write(`${root}/${file}`, text)));
  return { notAfter: endOf(content) };
}

/** Patroni and Postgres read their certificates again; what does not run reads them when it starts. */
async function reload(instanceId: string, { clients, signal }: Context<Clients>): Promise<void> {
  const address = await reloadPatroni(clients, serviceName(instanceId));
  if (address === undefined) return;
  const asked = clients.postgres.session({ address, database: 'postgres', signal }, (session) =>
    session.query('SELECT pg_catalog.pg_reload_conf()'),
  );
  await asked.catch((err: unknown) => {
    if (domainErrorOf(err)?.code !== 'postgres_unavailable') throw err;
  });
}

const endOf = (found: Files): string => endOfLeaf(found['server.crt']);
