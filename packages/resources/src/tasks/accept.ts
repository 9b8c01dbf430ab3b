import { doingWrite, type OwnDoing } from '../audit/index.ts';
import type { Also, Collection } from '../store/collection.ts';
import type { Kv } from '../store/kv.ts';
import { outboxEntries, type OutboxEntry } from './outbox.ts';
import { taskRecords, type TaskRecord } from './records.ts';

/** A task that may be accepted, and what has to be still as it was when that was found. */
export interface Acceptance<R = unknown> {
  readonly task: TaskRecord;
  /** Absent: whoever opens it does it, and nobody else has to start it. */
  readonly entry?: OutboxEntry;
  /** The record that says who owns the entity. */
  readonly holder?: HolderChange<R>;
  /** Tasks that are parts of it. */
  readonly parts?: readonly TaskRecord[];
  /** What else belongs into the transaction. */
  readonly also?: readonly Also[];
  /** Who makes it without being asked, for the audit; undefined: a request does, which the server writes down itself. */
  readonly doing: OwnDoing | undefined;
}

export interface HolderChange<R> {
  readonly records: Collection<R, [id: string]>;
  /** At which it was checked; 0: there is none yet. */
  readonly revision: number;
  /** With the task as the owner; absent: it stays as it is, and steps that run now go on. */
  readonly becomes?: R | undefined;
}

/** The entity as the task's own. */
export const ownedBy = <R extends { readonly openTaskId?: string | undefined }>(
  { taskId }: TaskRecord,
  record: R,
): R => ({
  ...record,
  openTaskId: taskId,
});

/** The transaction that makes a task: all of it is true at once, or nothing. */
export function acceptanceOf<R>({ task, entry, holder, parts = [], also = [], doing }: Acceptance<R>): Required<Also> {
  const { entityId, taskId } = task;
  const held = holder ? [{ key: holder.records.key(entityId), revision: holder.revision }] : [];
  const become = holder?.becomes === undefined ? [] : [holder.records.put(holder.becomes, entityId)];
  return {
    expect: [...held, ...also.flatMap(({ expect = [] }) => expect)],
    writes: [
      ...become,
      ...[task, ...parts].map((one) => taskRecords.put(one, one.scope, one.entityId, one.taskId)),
      ...(entry ? [outboxEntries.put(entry, taskId)] : []),
      ...(doing ? [doingWrite(doing, task)] : []),
      ...also.flatMap(({ writes = [] }) => writes),
    ],
  };
}

/** Accepts a task, whoever asks for it. Gives the revision; false when something is no longer as it was checked. */
export async function accept<R>(kv: Pick<Kv, 'commit'>, acceptance: Acceptance<R>): Promise<number | false> {
  return acceptTogether(kv, [acceptanceOf(acceptance)]);
}

/** The same for several, in one transaction. */
export async function acceptTogether(kv: Pick<Kv, 'commit'>, all: readonly Required<Also>[]): Promise<number | false> {
  return kv.commit(
    all.flatMap(({ expect }) => expect),
    all.flatMap(({ writes }) => writes),
  );
}
