import type { KvWrite } from '../store/kv.ts';
import { auditIntents, BY_SERVERS } from './records.ts';
import type { AuditEvent } from './shapes.ts';

/** What the control plane does without being asked. */
export interface OwnDoing {
  /** A host says its id, and has no right to say another one. */
  readonly by: { readonly kind: 'host' | 'server'; readonly id: string };
  /** `repair`, `fast-failover`, `scheduled-backup`. */
  readonly operation: string;
}

/** A task, as far as a line tells of it. */
export interface AuditedTask {
  readonly taskId: string;
  readonly scope: string;
  readonly entityId: string;
  readonly type: string;
  readonly createdAt: string;
}

export const originOf = ({ by }: Pick<OwnDoing, 'by'>): string => (by.kind === 'host' ? by.id : BY_SERVERS);

/** Goes into the transaction that makes a task nobody asked for; a server makes a line of it. */
export function doingWrite(doing: OwnDoing, task: AuditedTask): KvWrite {
  const { taskId: id, scope: kind, entityId, type, createdAt: at } = task;
  const event: AuditEvent = {
    ...{ id, at, who: doing.by, operation: doing.operation },
    entity: { kind, id: entityId },
    tasks: [{ id, type }],
  };
  return auditIntents.put({ event, isAnswered: false }, originOf(doing), id);
}
