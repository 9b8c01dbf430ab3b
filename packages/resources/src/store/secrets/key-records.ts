import { z } from 'zod';
import { Collection } from '../collection.ts';
import type { KvWrite } from '../kv.ts';
import type { KeyOwner } from './key-owner.ts';

/** `data-keys/<kind>/<id>`: which key the secrets of an owner are sealed with. Never changed: who seals expects that it is as it was. */
export interface DataKeyRecord {
  readonly id: string;
  readonly madeAt: string;
}

/** `wrapped-keys/<kind>/<id>`: that key, encrypted with a master key. Written anew when the master key is another one. */
export interface WrappedKeyRecord {
  readonly id: string;
  /** Id of the master key. */
  readonly by: string;
  readonly wrapped: string;
}

/** `master-key`: the one that wraps. There are no other ones in use, unless `from` is there: then some keys are still wrapped by that. */
export interface MasterKeyRecord {
  readonly active: string;
  readonly since: string;
  readonly from?: string | undefined;
  /** Those that were in use before and are not to be used again. */
  readonly forgotten?: readonly { readonly id: string; readonly at: string }[] | undefined;
}

/** `master-key-holders/<process>`: leased; which master keys a process has. */
export interface KeyHolderRecord {
  readonly role: 'server' | 'control';
  readonly id: string;
  readonly keys: readonly string[];
}

const dataKey: z.ZodType<DataKeyRecord> = z.looseObject({ id: z.string(), madeAt: z.string() });
const wrappedKey: z.ZodType<WrappedKeyRecord> = z.looseObject({ id: z.string(), by: z.string(), wrapped: z.string() });
const masterKey: z.ZodType<MasterKeyRecord> = z.looseObject({
  active: z.string(),
  since: z.string(),
  from: z.string().optional(),
  forgotten: z.array(z.looseObject({ id: z.string(), at: z.string() })).optional(),
});
const keyHolder: z.ZodType<KeyHolderRecord> = z.looseObject({
  role: z.enum(['server', 'control']),
  id: z.string(),
  keys: z.array(z.string()),
});

export const dataKeyRecords = new Collection<DataKeyRecord, [kind: string, id: string]>('data-keys', dataKey);
export const wrappedKeyRecords = new Collection<WrappedKeyRecord, [kind: string, id: string]>(
  'wrapped-keys',
  wrappedKey,
);
export const masterKeyRecords = new Collection<MasterKeyRecord, []>('master-key', masterKey);
export const keyHolders = new Collection<KeyHolderRecord, [process: string]>('master-key-holders', keyHolder);

/** The key of an owner goes with its secrets: what was sealed with it is lost. */
export const forgetDataKey = ({ kind, id }: KeyOwner): KvWrite[] => [
  dataKeyRecords.remove(kind, id),
  wrappedKeyRecords.remove(kind, id),
];
