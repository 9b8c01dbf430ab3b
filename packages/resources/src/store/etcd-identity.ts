import { experimental, type ChannelCredentials } from '@grpc/grpc-js';
import type { Etcd3 } from 'etcd3';

/** PEM. */
export interface EtcdIdentity {
  readonly caPem: string;
  /** The client certificate's common name is the etcd user. */
  readonly certPem: string;
  readonly keyPem: string;
}

/** What proves to etcd who a client is, and may be renewed while it runs. */
export interface RenewedIdentity extends EtcdIdentity {
  /** Calls back with every one that follows. */
  onRenewed?(listener: (identity: EtcdIdentity) => void): void;
}

type Provider = Parameters<typeof experimental.createCertificateProviderChannelCredentials>[0];
type IdentityProvider = NonNullable<Parameters<typeof experimental.createCertificateProviderChannelCredentials>[1]>;
type CaListener = Parameters<Provider['addCaCertificateListener']>[0];
type IdentityListener = Parameters<IdentityProvider['addIdentityCertificateListener']>[0];

/** Gives each new connection the certificate of now. Connections that are open stay. */
class CurrentIdentity implements Provider, IdentityProvider {
  readonly #cas = new Set<CaListener>();
  readonly #identities = new Set<IdentityListener>();
  #current: EtcdIdentity;

  constructor(given: RenewedIdentity) {
    this.#current = given;
    given.onRenewed?.((next) => {
      this.#current = next;
      for (const listener of this.#cas) this.#tellCa(listener);
      for (const listener of this.#identities) this.#tellIdentity(listener);
    });
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#cas.add(listener);
    this.#tellCa(listener);
  }
  removeCaCertificateListener(listener: CaListener): void {
    this.#cas.delete(listener);
  }
  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#identities.add(listener);
    this.#tellIdentity(listener);
  }
  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#identities.delete(listener);
  }

  #tellCa(listener: CaListener): void {
    listener({ caCertificate: Buffer.from(this.#current.caPem) });
  }
  #tellIdentity(listener: IdentityListener): void {
    const { certPem, keyPem } = this.#current;
    listener({ certificate: Buffer.from(certPem), privateKey: Buffer.from(keyPem) });
  }
}

interface Hosts {
  readonly pool: { readonly hosts: readonly { channelCredentials: ChannelCredentials }[] };
}

/**
 * The library makes its credentials once, of what it was given, and has no way to be given others: they take the place of those
 * before it connects. Its fields are not for us: `etcd-identity.itest.ts` says when they have changed.
 */
export function followIdentity(client: Etcd3, given: RenewedIdentity): void {
  const provider = new CurrentIdentity(given);
  const credentials = experimental.createCertificateProviderChannelCredentials(provider, provider);
  for (const host of (client as unknown as Hosts).pool.hosts) host.channelCredentials = credentials;
}
