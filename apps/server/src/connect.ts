import { readCertificateEnds } from '@windlass/resources/platform/settings';
import { connectEtcd, createMasterKeys, createSecretBox, openEtcdKv } from '@windlass/resources/store';
import { createAccounts, createCertificates, signCertificate } from '@windlass/resources/platform/trust';
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
  /** Tells Temporal of the search attributes it lacks. */
  addAttributes(): Promise<void>;
  close(): Promise<void>;
}

/** Opens everything the server of a cluster stands on. */
export async function connect(
  config: ServerConfig,
  serverUrls: readonly string[],
  unreadable: UnreadableRecords,
): Promise<Connected> {
  const files = await readFiles(config);
  const { caPem, certPem, keyPem } = files;
  const etcd = { endpoints: config.WINDLASS_ETCD_ENDPOINTS, caPem, certPem, keyPem };
  const kv = await openEtcdKv(etcd);
  const accounts = connectEtcd(etcd);
  const temporal = openTemporal(config, files.temporalTls);
  const now = (): Date => new Date();
  const membership = {
    ...membershipOf(config, files),
    accounts: createAccounts(accounts),
    attempts: new Attempts(now),
  };
  return {
    deps: {
      kv,
      unreadable,
      temporal,
      caPem,
      serverUrls,
      certificateEnds: () =>
        readCertificateEnds({
          ca: config.WINDLASS_CA_CERT,
          client: config.WINDLASS_CLIENT_CERT,
          server: config.WINDLASS_SERVER_CERT,
          temporal: config.WINDLASS_TEMPORAL_TLS_CERT,
        }),
      upkeep,
      now,
      membership,
      box: createSecretBox(kv, createMasterKeys(kv, files.masterKeys)),
      hostId: config.WINDLASS_SERVER_HOST,
    },
    addAttributes: () => temporal.addAttributes(),
    close: async () => {
      await temporal.close();
      accounts.close();
      await kv.close();
    },
  };
}

function membershipOf(config: ServerConfig, files: ServerFiles): Omit<Membership, 'accounts' | 'attempts'> {
  const authority = { certPem: files.caPem, keyPem: files.caKeyPem };
  const { issue } = createCertificates(() => Promise.resolve(authority));
  return {
    issue,
    sign: (request) => signCertificate(authority, request),
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
