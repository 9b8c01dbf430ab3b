import { z } from 'zod';
import { DomainError } from '../errors/index.ts';
import { Collection } from './collection.ts';
import { keys } from './keys.ts';

/** `schema`: which version of keys and records the store has. Absent: the first, from before there was this key. */
export interface SchemaRecord {
  readonly version: number;
  /** A program that knows no version as new as this one would lose or misread something. */
  readonly oldestReader: number;
  /** The revision of the program that brought the store to this version. */
  readonly writtenBy: string;
}

const schemaRecord: z.ZodType<SchemaRecord> = z.looseObject({
  version: z.int(),
  oldestReader: z.int(),
  writtenBy: z.string(),
});

export const schemaRecords = new Collection<SchemaRecord, []>(keys.schema, schemaRecord);

/** What the store of the first release is, which had no such record. */
export const FIRST: SchemaRecord = { version: 0, oldestReader: 0, writtenBy: 'the first release' };

/** How what is stored and a program that knows the versions up to `known` fit. */
export type Fit = 'older' | 'same' | 'newer';

/**
 * Whether a program may work with the store: `newer` may, too, as long as it loses nothing. Throws `store_newer` when it would;
 * that is final.
 */
export function fitOf(stored: SchemaRecord, known: number): Fit {
  if (stored.version <= known) return stored.version < known ? 'older' : 'same';
  if (stored.oldestReader <= known) return 'newer';
  throw new DomainError(
    'store_newer',
    `the store is of version ${String(stored.version)}, which Windlass ${stored.writtenBy} made of it; this program knows version ` +
      `${String(known)}, and at least ${String(stored.oldestReader)} is needed to lose nothing: start the newer program again, ` +
      'or restore the copy of etcd from before the upgrade',
  );
}
