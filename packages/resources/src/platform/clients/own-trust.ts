import { readFile } from 'node:fs/promises';
import { endedSentence, type LeafBook } from '../leaves/index.ts';
import { createCertificates } from './certificates.ts';
import { OwnLeaf } from './own-leaf.ts';
import type { Servers } from './ask-servers.ts';
import type { CertificatesPort } from './ports.ts';
import { createRemoteCertificates } from './remote-certificates.ts';
import type { RenewedIdentity } from '../../store/etcd-identity.ts';

export interface TrustConfig {
  /** Who this process is: `host-1`, `server-1`. */
  readonly owner: string;
  readonly caCertPath: string;
  /** Absent on a host that is not trusted with it: then servers sign. */
  readonly caKeyPath?: string | undefined;
  /** Servers of the cluster; needed without a key of the CA. */
  readonly serverUrls?: readonly string[] | undefined;
  readonly clientCertPath: string;
  readonly clientKeyPath: string;
  /** For how long what it signs is good at most, in ms. */
  readonly lifetimeMs?: number | undefined;
}

/** What a process shows to others, and how it gets certificates. */
export interface OwnTrust {
  readonly leaf: OwnLeaf;
  readonly certificates: CertificatesPort;
  /** Servers of the cluster, for what a host is not trusted with. */
  readonly servers: Servers;
  /** For connections to etcd. */
  readonly etcd: RenewedIdentity & { whyNot(): string | undefined };
  /** Every certificate it looks after. */
  readonly book: LeafBook;
  readonly onError: (err: unknown) => void;
  close(): void;
}

/** Opens the process's own certificate, renews it when that is due, and keeps doing so until it is closed. */
export async function openTrust(
  config: TrustConfig,
  book: LeafBook,
  onError: (err: unknown) => void,
): Promise<OwnTrust> {
  const { caCertPath: caPath, clientCertPath: certPath, clientKeyPath: keyPath, caKeyPath, serverUrls = [] } = config;
  const leaf = await OwnLeaf.open({ whose: `${config.owner} for etcd`, caPath, certPath, keyPath }, book);
  const servers: Servers = { serverUrls, identity: () => leaf.identity };
  const caKeyPem = caKeyPath === undefined ? undefined : await readFile(caKeyPath, 'utf8');
  const certificates =
    caKeyPem === undefined
      ? createRemoteCertificates(servers)
      : createCertificates(
          () => Promise.resolve({ certPem: leaf.identity.caPem, keyPem: caKeyPem }),
          config.lifetimeMs,
        );
  // One that is to be used at once; a host without the key of the CA asks a server, which may be away.
  await leaf.look(certificates).catch(onError);
  leaf.keep(certificates, onError);
  return {
    leaf,
    certificates,
    servers,
    book,
    onError,
    etcd: {
      ...leaf.identity,
      onRenewed: (listener) => leaf.onRenewed(listener),
      whyNot: () => (leaf.hasEnded ? endedSentence(leaf.files.whose, leaf.times.ends) : undefined),
    },
    close: () => leaf.stop(),
  };
}
