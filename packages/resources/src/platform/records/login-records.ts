import { z } from 'zod';
import { Collection } from '../../store/collection.ts';

/** What a login may do; each may do what the ones before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** `api-tokens/<id>`: the secret itself is kept nowhere. */
export interface ApiTokenRecord {
  readonly id: string;
  /** What its owner calls it. */
  readonly name: string;
  readonly role: Role;
  /** Whose entities it reaches; absent: everybody's, and the installation itself. */
  readonly tenants?: readonly string[] | undefined;
  /** SHA-256 of the secret, in hex. */
  readonly hash: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** `api-token-uses/<id>`: when it was shown last, to within a minute. */
export interface ApiTokenUse {
  readonly at: string;
}

export const apiTokens = new Collection<ApiTokenRecord, [id: string]>(
  'api-tokens',
  z.looseObject({
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    tenants: z.array(z.string()).optional(),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    createdAt: z.string(),
    expiresAt: z.string(),
  }),
);

export const apiTokenUses = new Collection<ApiTokenUse, [id: string]>(
  'api-token-uses',
  z.looseObject({ at: z.string() }),
);
