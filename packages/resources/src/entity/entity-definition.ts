import { z } from 'zod';
import type { Collection } from '../store/collection.ts';
import type { EntityRecords } from './entity-records.ts';

/** What the core has to know of a kind of entity. */
export interface EntityDefinition {
  /** Lower case, stable for ever: it is in keys, in ids of workflows and in tasks. */
  readonly kind: string;
  /** What is known of each; absent: only who owns it is kept. */
  readonly records?: EntityRecords;
  /** How it is found of which tenant one is; absent: entities of this kind are the installation's, and of no tenant. */
  readonly tenant?: {
    key(id: string): string;
    /** `stored` is what is under that key, also what cannot be read as a whole. */
    of(stored: unknown): string | undefined;
  };
  /** Key of what says that one is there, where it is there without an owner's record: tasks beside an owner need nothing else. */
  readonly there?: (id: string) => string;
  /** Where it is said which task owns one: the fence of everything that is done to it. */
  readonly owner: {
    readonly records: Collection<unknown, [id: string]>;
    /** `record` is one of those. */
    namedBy(record: unknown): string | undefined;
    key(id: string): string;
    /** `stored` is what is under that key. Throws `record_unreadable`. */
    of(id: string, stored: unknown): string | undefined;
  };
}

/** As much of a record as says whose it is. */
const ofTenant = z.looseObject({ tenantId: z.string().optional() });

/** Owned by whom its own record names, and of the tenant it names. */
export const ownedByRecord = (kind: string, records: EntityRecords): EntityDefinition => ({
  kind,
  records,
  tenant: { key: (id) => records.key(id), of: (stored) => ofTenant.safeParse(stored).data?.tenantId },
  owner: ownerIn(records, (record) => record.openTaskId),
});

/** The owner that a record names. */
export const ownerIn = <R>(
  records: Collection<R, [id: string]>,
  namedBy: (record: R) => string | undefined,
): EntityDefinition['owner'] => ({
  records,
  namedBy,
  key: (id) => records.key(id),
  of: (id, stored) => namedBy(records.parse(stored, records.key(id))),
});
