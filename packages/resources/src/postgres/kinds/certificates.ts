import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import { domainErrorOf } from '../../errors/index.ts';
import { serviceName } from '../spec/identity.ts';
import { defineResource } from './define.ts';
import { directories, instancePath } from './directories.ts';
import { isPair } from '../../platform/leaves/index.ts';
import { endOfLeaf, LEAF_DAYS, leafFaults, renewLeaf } from '../inside/leaf.ts';
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
    return usable ? { notAfter: endOf(found) } : issue(spec, clients, found);
  },
  async update(spec, _prior, context) {
    const status = await issue(spec, context.clients, await readAll(spec.instanceId, context.clients));
    await reloadCertificates(spec.instanceId, context);
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

/** A key that can be used stays, so that a renewal exchanges certificates alone; a new key is written before its certificate. */
async function issue(
  spec: { instanceId: string; scope: string; names: readonly string[] },
  { certificates: ca, files }: Pick<Clients, 'certificates' | 'files'>,
  found: Files,
) {
  const root = directoryOf(spec.instanceId);
  await files.ensureDirectory(root, 0o700);
  const make = (name: 'server' | 'etcd', commonName: string) => {
    const keyPem = isPair(found[`${name}.crt`], found[`${name}.key`]) ? found[`${name}.key`] : undefined;
    return ca.issue({ commonName, names: spec.names, days: LEAF_DAYS, keyPem });
  };
  // etcd's gateway refuses a client whose certificate has a common name: there a password says who it is.
  const [server, etcd] = await Promise.all([make('server', memberName(spec.scope)), make('etcd', '')]);
  const content: Required<Files> = {
    'ca.crt': await ca.caPem(),
    'etcd.key': etcd.keyPem,
    'etcd.crt': etcd.certPem,
    'server.key': server.keyPem,
    'server.crt': server.certPem,
  };
  for (const [file, text] of Object.entries(content))
    if (found[file as keyof Files] !== text) await files.write(`${root}/${file}`, text);
  return { notAfter: endOf(content) };
}

/** Renews what is due of an instance; what runs has to be told then. Its certificate, none where there is no instance. */
export async function renewCertificates(
  instanceId: string,
  { certificates: ca, files }: Pick<Clients, 'certificates' | 'files'>,
): Promise<{ readonly certPem: string | undefined; readonly renewed: boolean }> {
  const root = directoryOf(instanceId);
  const renewed: boolean[] = [];
  for (const name of ['server', 'etcd'])
    renewed.push(await renewLeaf(files, ca, { cert: `${root}/${name}.crt`, key: `${root}/${name}.key` }));
  return { certPem: await files.read(`${root}/server.crt`), renewed: renewed.includes(true) };
}

/** Patroni and Postgres read their certificates again; what does not run reads them when it starts. False: Postgres did not answer. */
export async function reloadCertificates(
  instanceId: string,
  {
    clients,
    signal,
  }: { readonly clients: Pick<Clients, 'docker' | 'patroni' | 'postgres'>; readonly signal: AbortSignal },
): Promise<boolean> {
  const address = await reloadPatroni(clients, serviceName(instanceId));
  if (address === undefined) return true;
  const asked = clients.postgres.session({ address, database: 'postgres', signal }, (session) =>
    session.query('SELECT pg_catalog.pg_reload_conf()'),
  );
  return asked.then(
    () => true,
    (err: unknown) => {
      if (domainErrorOf(err)?.code !== 'postgres_unavailable') throw err;
      return false;
    },
  );
}

const endOf = (found: Files): string => endOfLeaf(found['server.crt']);
