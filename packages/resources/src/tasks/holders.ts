import { databaseRecords } from '../records/database-records.ts';
import { removalRecords } from '../records/host-records.ts';
import type { Collection } from '../store/collection.ts';
import type { Kv, KvWrite } from '../store/kv.ts';
import type { DatabaseRecord, RemovalRecord } from '../store/ports.ts';
import type { TaskRecord } from '../store/tasks.ts';
import { givenBack, type TaskEnd } from './given-back.ts';
import type { TaskRef } from './task-ref.ts';

export type Scope = TaskRecord['scope'];

/** The record of each kind of entity that says which task owns one. */
export interface HolderRecords {
  readonly database: DatabaseRecord;
  readonly host: RemovalRecord;
}

/** Where it is said who owns an entity of a kind: the fence of everything that is done to it. */
export interface Holder<R> {
  readonly records: Collection<R, [id: string]>;
  readonly ownerOf: (record: R) => string | undefined;
  /** What becomes of the record when its owner has ended. */
  readonly givenBack: (id: string, record: R, task: TaskRecord, end: TaskEnd) => readonly KvWrite[];
}

/** Of every kind of entity that has tasks. A host is owned while it is being removed, and by nothing else. */
export const HOLDERS: { readonly [S in Scope]: Holder<HolderRecords[S]> } = {
  database: {
    records: databaseRecords,
    ownerOf: ({ openTaskId }) => openTaskId,
    givenBack: (id, record, { type }, end) => [databaseRecords.put(givenBack(record, type, end), id)],
  },
  host: {
    records: removalRecords,
    ownerOf: ({ taskId }) => taskId,
    givenBack: (id) => [removalRecords.remove(id)],
  },
};

/** What is known of who owns an entity. */
export interface Held {
  /** There is such a record: a database is declared, a host is being removed. */
  readonly exists: boolean;
  /** The task that owns it now. */
  readonly owner: string | undefined;
}

export async function readHeld<S extends Scope>(
  kv: Pick<Kv, 'get'>,
  { scope, entityId }: Omit<TaskRef<S>, 'taskId'>,
): Promise<Held> {
  return read<HolderRecords[S]>(kv, HOLDERS[scope], entityId);
}

async function read<R>(kv: Pick<Kv, 'get'>, { records, ownerOf }: Holder<R>, id: string): Promise<Held> {
  const found = await records.get(kv, id);
  return { exists: found !== undefined, owner: found && ownerOf(found.value) };
}
