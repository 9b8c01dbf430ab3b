import type { LeafBook } from '@windlass/resources/platform/leaves';
import { openPayloads } from '@windlass/resources/platform/payloads';
import { readCertificateEnds } from '@windlass/resources/platform/settings';
import { connectEtcd, createMasterKeys, createSecretBox, openEtcdKv } from '@windlass/resources/store';
import {
  clockLooks,
  createAccounts,
  openTrust,
  signCertificate,
  type OwnTrust,
} from '@windlass/resources/platform/trust';
import { Attempts } from './cluster/attempts.ts';
import type { Membership } from './cluster/membership.ts';
import type { ServerConfig } from './config.ts';
import type { ServerDeps } from './core/deps.ts';
import { readFiles, type ServerFiles } from './read-files.ts';
import { openTemporal } from './temporal.ts';
import type { UnreadableRecords } from './core/unreadable-records.ts';
import { upkeep } from './upkeep.ts';

export interface Connected {
  readonly deps: ServerDeps;
  /** Of the cluster's authority. */
  readonly certificates: OwnTrust['certificates'];
  /** Tells Temporal of the search attributes it lacks. */
  addAttributes(): Promise<void>;
  close(): Promise<void>;
}

/** Where it notes and tells what it finds. */
export interface Beside {
  readonly unreadable: UnreadableRecords;
  readonly leaves: LeafBook;
  /** Told of a certificate that could not be renewed. */
  readonly onError: (err: unknown) => void;
}

/** Opens everything the server of a cluster stands on. */
export async function connect(
  config: ServerConfig,
  serverUrls: readonly string[],
  { unreadable, leaves, onError }: Beside,
): Promise<Connected> {
  const files = await readFiles(config);
  const { caPem } = files;
  const trust = await openTrust(trustConfig(config), leaves, onError);
  const etcd = { ...trust.etcd, endpoints: config.WINDLASS_ETCD_ENDPOINTS };
  const kv = await openEtcdKv(etcd);
  const accounts = connectEtcd(etcd);
  const box = createSecretBox(kv, createMasterKeys(kv, files.masterKeys));
  const payloads = openPayloads(kv, box, config.WINDLASS_TEMPORAL_PAYLOADS);
  const temporal = openTemporal(config, payloads.codec, files.temporalTls);
  const now = (): Date => new Date();
  const membership = {
    ...membershipOf(config, files, trust),
    accounts: createAccounts(accounts),
    attempts: new Attempts(now),
  };
  return {
    deps: {
      kv,
      unreadable,
      temporal,
      payloads: payloads.codec,
      caPem,
      serverUrls,
      certificateEnds: () =>
        readCertificateEnds({
          ca: config.WINDLASS_CA_CERT,
          temporal: config.WINDLASS_TEMPORAL_TLS_CERT,
        }),
      clockLook: clockLooks('this server', config.WINDLASS_ETCD_ENDPOINTS, trust.leaf),
      upkeep,
      leaves,
      now,
      membership,
      box,
      hostId: config.WINDLASS_SERVER_HOST,
    },
    certificates: trust.certificates,
    addAttributes: () => temporal.addAttributes(),
    close: async () => {
      trust.close();
      await temporal.close();
      accounts.close();
      await kv.close();
    },
  };
}

const trustConfig = (config: ServerConfig) => ({
  owner: `the server ${config.WINDLASS_SERVER_ID}`,
  caCertPath: config.WINDLASS_CA_CERT,
  caKeyPath: config.WINDLASS_CA_KEY,
  clientCertPath: config.WINDLASS_CLIENT_CERT,
  clientKeyPath: config.WINDLASS_CLIENT_KEY,
  lifetimeMs: config.WINDLASS_CERTIFICATE_LIFETIME,
});

function membershipOf(
  config: ServerConfig,
  files: ServerFiles,
  { certificates }: Pick<OwnTrust, 'certificates'>,
): Omit<Membership, 'accounts' | 'attempts'> {
  const authority = { certPem: files.caPem, keyPem: files.caKeyPem };
  return {
    issue: (request) => certificates.issue(request),
    sign: (request) => signCertificate(authority, request, config.WINDLASS_CERTIFICATE_LIFETIME),
    caKeyPem: files.caKeyPem,
    masterKeys: files.masterKeys,
    etcdEndpoints: config.WINDLASS_ADVERTISED_ETCD_ENDPOINTS ?? config.WINDLASS_ETCD_ENDPOINTS,
    temporal: {
      address: config.WINDLASS_ADVERTISED_TEMPORAL_ADDRESS ?? config.WINDLASS_TEMPORAL_ADDRESS,
      namespace: config.WINDLASS_TEMPORAL_NAMESPACE,
      tls: config.WINDLASS_ADVERTISED_TEMPORAL_TLS,
    },
    tokenMinutes: config.WINDLASS_JOIN_TOKEN_MINUTES,
  };
}
