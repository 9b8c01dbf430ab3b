import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import { defineResource } from './define.ts';
import { directories, instancePath } from './directories.ts';

const DAYS = 90;
const RENEW_BELOW_MS = (DAYS / 3) * 86_400_000;

/** The instance's certificate and key: server for Postgres and Patroni, client towards etcd and the primary. */
export const certificates = defineResource({
  kind: 'postgres.certificates',
  version: 1,
  spec: z.strictObject({ instanceId: z.string(), hostId: z.string(), names: z.array(z.string()) }),
  status: z.strictObject({ notAfter: z.string() }),
  id: (spec) => spec.instanceId,
  executor: (spec) => ({ on: 'host', hostId: spec.hostId }),
  dependsOn: (spec) => [{ ref: directories.ref(spec.instanceId) }],
  within: (spec) => directories.ref(spec.instanceId),

  async refresh(prior, { clients }) {
    const root = `${instancePath(prior.spec.instanceId)}/certs`;
    const [cert, key, ca] = await Promise.all(['server.crt', 'server.key', 'ca.crt'].map((f) => clients.files.read(`${root}/${f}`)));
    if (cert === undefined || key === undefined || ca === undefined) return undefined;
    const end = endOf(cert);
    const drift = [
      ...(end === undefined || end.getTime() - Date.now() < RENEW_BELOW_MS ? ['expires'] : []),
      ...(ca === (await clients.certificates.caPem()) ? [] : ['ca']),
    ];
    return { status: { notAfter: prior.status?.notAfter ?? '' }, drift };
  },
  create: (spec, { clients }) => issue(spec, clients),
  update: (spec, _prior, { clients }) => issue(spec, clients),
  async delete(prior, { clients }) {
    await clients.files.removeTree(`${instancePath(prior.spec.instanceId)}/certs`);
  },
});

async function issue(spec: { instanceId: string; names: readonly string[] }, { certificates: ca, files }: Clients) {
  const root = `${instancePath(spec.instanceId)}/certs`;
  const leaf = await ca.issue({ commonName: 'patroni_replicator', names: spec.names, days: DAYS });
  await files.ensureDirectory(root, 0o700);
  await files.write(`${root}/ca.crt`, await ca.caPem());
  // etcd's gateway refuses a client whose certificate has a common name: there a password says who it is.
  const etcdLeaf = await ca.issue({ commonName: '', names: spec.names, days: DAYS });
  await files.write(`${root}/etcd.key`, etcdLeaf.keyPem);
  await files.write(`${root}/etcd.crt`, etcdLeaf.certPem);
  await files.write(`${root}/server.key`, leaf.keyPem);
  await files.write(`${root}/server.crt`, leaf.certPem);
  return { notAfter: leaf.notAfter };
}

function endOf(cert: string): Date | undefined {
  try {
    return new Date(new X509Certificate(cert).validTo);
  } catch {
    return undefined;
  }
}
