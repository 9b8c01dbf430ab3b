import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import { isPair } from '../../platform/leaves/index.ts';
import { endOfLeaf, LEAF_DAYS, leafFaults, renewLeaf } from '../inside/leaf.ts';
import { replicatorName } from '../inside/system-names.ts';
import { defineResource } from './define.ts';
import { directories, instancePath } from './directories.ts';

/** Where the files of the replicator of an instance are on its host. */
export const replicatorPath = (instanceId: string): string => `${instancePath(instanceId)}/replicator`;

/** The certificate and key with which the replicator beside an instance logs in on all nodes of its database. */
export const replicationCertificates = defineResource({
  kind: 'replication.certificates',
  version: 1,
  spec: z.strictObject({ instanceId: z.string(), hostId: z.string() }),
  status: z.strictObject({ notAfter: z.string() }),
  immutable: ['instanceId', 'hostId'],
  id: (spec) => spec.instanceId,
  executor: (spec) => ({ on: 'host', hostId: spec.hostId }),
  dependsOn: (spec) => [{ ref: directories.ref(spec.instanceId) }],
  within: (spec) => directories.ref(spec.instanceId),

  async refresh(prior, { clients, owner }) {
    const found = await read(prior.spec.instanceId, clients);
    if (found.cert === undefined && found.key === undefined) return undefined;
    return { status: { notAfter: endOfLeaf(found.cert) }, drift: await faultsOf(found, owner.entity.id, clients) };
  },
  create: (spec, { clients, owner }) => ensure(spec.instanceId, owner.entity.id, clients),
  /** The replicator reads them anew for each connection it makes. */
  update: (spec, _prior, { clients, owner }) => ensure(spec.instanceId, owner.entity.id, clients),
  delete: (prior, { clients }) => clients.files.removeTree(replicatorPath(prior.spec.instanceId)),
});

/** Renews it when that is due. The certificate; none where there is no replicator. */
export async function renewReplicatorCertificate(
  instanceId: string,
  clients: Pick<Clients, 'files' | 'certificates'>,
): Promise<string | undefined> {
  const certs = `${replicatorPath(instanceId)}/certs`;
  const paths = { cert: `${certs}/${FILES.cert}`, key: `${certs}/${FILES.key}` };
  await renewLeaf(clients.files, clients.certificates, paths);
  return clients.files.read(paths.cert);
}

const FILES = { ca: 'ca.crt', cert: 'replicator.crt', key: 'replicator.key' } as const;
type Files = Partial<Record<keyof typeof FILES, string>>;

async function read(instanceId: string, { files }: Clients): Promise<Files> {
  const at = (file: string): Promise<string | undefined> => files.read(`${replicatorPath(instanceId)}/certs/${file}`);
  const [ca, cert, key] = await Promise.all([at(FILES.ca), at(FILES.cert), at(FILES.key)]);
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}

async function faultsOf(found: Files, databaseId: string, { certificates }: Clients): Promise<string[]> {
  const faults = leafFaults(found.cert, found.key, { commonName: replicatorName(databaseId), names: [] });
  return [...(found.ca === (await certificates.caPem()) ? [] : ['ca']), ...faults].sort();
}

async function ensure(instanceId: string, databaseId: string, clients: Clients): Promise<{ notAfter: string }> {
  const root = replicatorPath(instanceId);
  await clients.files.ensureDirectory(root, 0o700);
  await Promise.all(['certs', 'spill'].map((part) => clients.files.ensureDirectory(`${root}/${part}`, 0o700)));
  const found = await read(instanceId, clients);
  if ((await faultsOf(found, databaseId, clients)).length === 0) return { notAfter: endOfLeaf(found.cert) };
  const own = isPair(found.cert, found.key) ? found.key : undefined;
  const request = { commonName: replicatorName(databaseId), names: [], days: LEAF_DAYS, keyPem: own, databaseId };
  const { certPem, keyPem } = await clients.certificates.issue(request);
  const texts = { ca: await clients.certificates.caPem(), key: keyPem, cert: certPem };
  for (const part of ['ca', 'key', 'cert'] as const)
    await clients.files.write(`${root}/certs/${FILES[part]}`, texts[part]);
  return { notAfter: endOfLeaf(certPem) };
}
