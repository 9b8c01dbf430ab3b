import { z } from 'zod';
import { entityRecord, type EntityRecord } from '../../engine/entity-record.ts';
import { entityProposals, entitySpecs } from '../../engine/entity-specs.ts';
import type { StoredSpec } from '../spec/database.ts';
import { Collection } from '../../store/collection.ts';

/** `databases/<id>`: everything about a database but its spec. */
export interface DatabaseRecord extends EntityRecord {
  /** Ids of the instances that are to stay stopped; absent when there is none. */
  readonly stoppedInstances?: readonly string[] | undefined;
}

/** `kept-backups/<database>`: the backups a deleted database left, and who may have them. */
export interface KeptBackups {
  readonly databaseId: string;
  readonly tenantId?: string | undefined;
  readonly databaseName: string;
  readonly deletedAt: string;
  /** Of every node that had backups; the credentials are in the secrets `backups/<database>/…`. */
  readonly nodes: readonly { readonly name: string; readonly repositories: readonly unknown[] }[];
}

const databaseRecord: z.ZodType<DatabaseRecord> = entityRecord.extend({
  stoppedInstances: z.array(z.string()).optional(),
});

const anySpec = z.looseObject({ spec: z.looseObject({ nodes: z.array(z.unknown()) }) });
/** It was judged when it was accepted; here it is only made sure that it is one. */
const storedSpec = z.custom<StoredSpec>((value) => anySpec.safeParse(value).success, {
  error: 'it is no spec of a database',
});

const keptBackups: z.ZodType<KeptBackups> = z.looseObject({
  databaseId: z.string(),
  tenantId: z.string().optional(),
  databaseName: z.string(),
  deletedAt: z.string(),
  nodes: z.array(z.looseObject({ name: z.string(), repositories: z.array(z.unknown()) })),
});

/** What is known of each database besides its spec; by id. */
export const databaseRecords = new Collection<DatabaseRecord, [databaseId: string]>('databases', databaseRecord);
/** What is declared of each database, with which credentials. */
export const databaseSpecs = entitySpecs<StoredSpec, string>('database', storedSpec);
/** A spec that is looked at and was not accepted. */
export const proposals = entityProposals(storedSpec);
/** The id of the last task of a type of a node that must not run twice at once. */
export const lastTasks = new Collection<string, [databaseId: string, nodeName: string, type: string]>(
  'takeovers',
  z.string(),
);
/** The backups that deleted databases left, and who may have them. */
export const keptBackupRecords = new Collection<KeptBackups, [databaseId: string]>('kept-backups', keptBackups);
