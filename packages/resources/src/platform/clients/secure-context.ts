import { createSecureContext, type SecureContext } from 'node:tls';

export interface ClientIdentity {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

const made = new WeakMap<ClientIdentity, SecureContext>();

/** Certificates and key as TLS wants them, read once per identity: reading them for every connection costs as much as the handshake. */
export function secureContextOf(identity: ClientIdentity): SecureContext {
  const { caPem: ca, certPem: cert, keyPem: key } = identity;
  const found = made.get(identity) ?? createSecureContext({ ca, cert, key });
  made.set(identity, found);
  return found;
}
