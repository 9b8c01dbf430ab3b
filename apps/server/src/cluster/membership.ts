import type { AccountsPort, SignRequest } from '@windlass/resources/platform/trust';
import type { KeyRing } from '@windlass/resources/store';
import type { Attempts } from './attempts.ts';

interface Leaf {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What a server needs to let others into the cluster. */
export interface Membership {
  readonly accounts: AccountsPort;
  /** Signs a certificate with the cluster's CA. */
  issue(request: {
    readonly commonName: string;
    readonly names: readonly string[];
    readonly days: number;
  }): Promise<Leaf>;
  /** Signs a certificate for somebody else's key. */
  sign(request: SignRequest): Promise<{ readonly certPem: string; readonly notAfter: string }>;
  readonly attempts: Attempts;
  readonly caKeyPem: string;
  readonly masterKeys: KeyRing;
  /** As other machines reach them. */
  readonly etcdEndpoints: readonly string[];
  readonly temporal: { readonly address: string; readonly namespace: string; readonly tls: boolean };
  /** How long a join token is good. */
  readonly tokenMinutes: number;
}
