import { testKeyRing } from '@windlass/resources/testing';
import { Attempts } from '../cluster/attempts.ts';
import type { Rights } from '@windlass/resources/platform/trust';
import type { Membership } from '../cluster/membership.ts';

export interface FakeMembership extends Membership {
  /** Names of the accounts that are there. */
  readonly created: Set<string>;
  /** What each account that was ever made may do. */
  readonly rights: Map<string, Rights>;
  /** Common names of the certificates that were signed. */
  readonly issued: string[];
}

/** Accounts and certificates in memory. */
export function createFakeMembership(now: () => Date): FakeMembership {
  const created = new Set<string>();
  const issued: string[] = [];
  const rights = new Map<string, Rights>();
  return {
    created,
    issued,
    rights,
    accounts: {
      create: (name, _password, may) => {
        created.add(name);
        rights.set(name, may);
        return Promise.resolve();
      },
      allow: (name, may) => Promise.resolve(void rights.set(name, may)),
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
    masterKeys: testKeyRing(),
    etcdEndpoints: ['https://192.0.2.1:2379'],
    temporal: { address: '192.0.2.1:7233', namespace: 'default', tls: true },
    tokenMinutes: 15,
  };
}
