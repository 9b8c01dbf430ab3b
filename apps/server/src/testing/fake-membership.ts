import { Attempts } from '../cluster/attempts.ts';
import type { Membership } from '../cluster/membership.ts';

export interface FakeMembership extends Membership {
  /** Names of the accounts that are there. */
  readonly created: Set<string>;
  /** Common names of the certificates that were signed. */
  readonly issued: string[];
}

/** Accounts and certificates in memory. */
export function createFakeMembership(now: () => Date): FakeMembership {
  const created = new Set<string>();
  const issued: string[] = [];
  return {
    created,
    issued,
    accounts: {
      create: (name) => Promise.resolve(void created.add(name)),
      remove: (name) => Promise.resolve(void created.delete(name)),
      leader: () =>
        Promise.resolve({
          name: 'etcd-1',
          peerUrls: ['https://192.0.2.1:2380'],
          clientUrls: ['https://192.0.2.1:2379'],
        }),
    },
    issue: ({ commonName }) => {
      issued.push(commonName);
      return Promise.resolve({ certPem: `certificate of ${commonName}`, keyPem: `key of ${commonName}` });
    },
    sign: ({ commonName, names }) =>
      Promise.resolve({ certPem: `${commonName} for ${names.join(' ')}`, notAfter: '2026-04-01T00:00:00.000Z' }),
    attempts: new Attempts(now),
    caKeyPem: 'the key of the CA',
    masterKey: '01'.repeat(32),
    etcdEndpoints: ['https://192.0.2.1:2379'],
    temporal: { address: '192.0.2.1:7233', namespace: 'default', tls: true },
    tokenMinutes: 15,
  };
}
