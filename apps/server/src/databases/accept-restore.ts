import { v7 as uuidv7 } from 'uuid';
import { DomainError } from '@windlass/resources/errors';
import { databaseRecords, restoreRecords } from '@windlass/resources/records';
import { effectiveNode, sealRestore, type RestoreDatabaseRequest, type StoredSpec } from '@windlass/resources/spec';
import {
  keys,
  restoreSecretName,
  type DatabaseRecord,
  type KvWrite,
  type RestoreRecord,
  type SwapRecord,
  type TaskRecord,
} from '@windlass/resources/store';
import { accept, makeTask, openTask, ownedBy } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { startNow } from './start-now.ts';
import { isModifiable, refuseBusy } from './busy.ts';
import type { Claim } from './idempotency.ts';
import { readDatabase, type StoredDatabase } from './read-database.ts';
import { readSource, refuseOtherTenant } from './restore-source.ts';

/** For how long the former data is kept unless told. */
const KEEP_HOURS = 24;

export interface AcceptedRestore {
  readonly task: TaskRecord;
  /** One for each node, in the order of the request. */
  readonly parts: readonly TaskRecord[];
  readonly record: DatabaseRecord;
  readonly stored: StoredSpec;
  readonly revision: number;
}
export type AlsoRestore = (accepted: AcceptedRestore) => Claim;

export interface RestoreWish {
  readonly id: string;
  readonly request: RestoreDatabaseRequest;
  /** Takes over from the task that runs. */
  readonly force: boolean;
}

/** Accepts a restore in place: the database is `restoring`, and its spec and its backups stay as they are. */
export async function acceptRestore(deps: ServerDeps, wish: RestoreWish, also: AlsoRestore): Promise<AcceptedRestore> {
  const { id, request, force } = wish;
  const before = await readDatabase(deps, id);
  if (!force) refuseBusy(before.record);
  const nodes = targetsOf(before, request.target_nodes);
  const config = request.restore_config;
  await refuseOtherTenant(deps, before.record.tenantId, config);
  const source = await readSource(deps, config);
  const volumes = effectiveNode(before.stored.spec, nodes[0] ?? '').orchestratorOpts?.swarm?.extra_volumes ?? [];
  return open(deps, before, { type: 'restore', nodes, keepHours: request.keep_hours, force }, also, (task) => {
    const secretName = restoreSecretName(id, task.taskId);
    const place = { secretName, volumes: volumes.map((v) => v.destination_path) };
    const { origin, secret } = sealRestore(config, source, place);
    const value: RestoreRecord = { taskId: task.taskId, createdAt: task.createdAt, origin };
    const sealed = secret && deps.box.seal(secretName, JSON.stringify(secret));
    return [
      restoreRecords.put(value, id, task.taskId),
      ...(sealed === undefined ? [] : [{ put: keys.secret(secretName), value: sealed }]),
    ];
  });
}

export interface UndoWish {
  readonly id: string;
  readonly targetNodes?: readonly string[] | undefined;
  readonly keepHours?: number | undefined;
}

/** Accepts to put back what nodes ran with before their last restore, as long as it is kept. */
export async function acceptUndoRestore(deps: ServerDeps, wish: UndoWish, also: AlsoRestore): Promise<AcceptedRestore> {
  const before = await readDatabase(deps, wish.id);
  refuseBusy(before.record);
  const nodes = targetsOf(before, wish.targetNodes);
  for (const node of nodes) await refuseNothingKept(deps, wish.id, node);
  return open(deps, before, { type: 'undo_restore', nodes, keepHours: wish.keepHours, force: false }, also, () => []);
}

function targetsOf({ stored }: StoredDatabase, wanted: readonly string[] = []): string[] {
  const names = stored.spec.nodes.map((node) => node.name);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new DomainError('invalid_input', `node not in db spec: [${unknown.join(' ')}]`);
  return wanted.length === 0 ? names : [...new Set(wanted)];
}

async function refuseNothingKept({ kv, now }: ServerDeps, id: string, node: string): Promise<void> {
  const swaps = (await kv.list(keys.swaps(id, node))).map((row) => row.value as SwapRecord);
  const last = swaps.filter((s) => s.data === 'kept' && Date.parse(s.until) > now().getTime()).at(-1);
  if (last) return;
  const latest = swaps.at(-1);
  const why = latest ? `what it ran with before was kept until ${latest.until}` : 'it was not restored';
  throw new DomainError('operation_refused', `node '${node}' has nothing that could be put back: ${why}`);
}

interface Opening {
  readonly type: 'restore' | 'undo_restore';
  readonly nodes: readonly string[];
  readonly keepHours?: number | undefined;
  readonly force: boolean;
}

/** One transaction writes the tasks, the outbox and the database as `restoring`; it expects the database as it was checked. */
async function open(
  deps: ServerDeps,
  before: StoredDatabase,
  { type, nodes, keepHours = KEEP_HOURS, force }: Opening,
  claim: AlsoRestore,
  more: (task: TaskRecord) => KvWrite[],
): Promise<AcceptedRestore> {
  const { id, tenantId, openTaskId, state } = before.record;
  if (state === 'deleting') throw new DomainError('database_not_modifiable');
  const parts = nodes.map((nodeName) => ({ nodeName, taskId: uuidv7() }));
  const supersedes = force ? openTaskId : undefined;
  const request = {
    entity: { kind: 'database', id },
    type,
    input: { parts, keepHours },
    tenantId,
    supersedes,
  } as const;
  const { task, entry } = openTask(request, deps.now());
  const children = parts.map((part) => childOf(task, part));
  const record = ownedBy(task, {
    ...before.record,
    state: 'restoring',
    stateBefore: isModifiable(before.record) ? state : 'failed',
  });
  const accepted = { task, parts: children, record, stored: before.stored, revision: before.specRevision };
  const holder = { records: databaseRecords, revision: before.recordRevision, becomes: record };
  const also = [{ writes: more(task) }, claim(accepted)];
  const revision = await accept(deps.kv, { task, entry, holder, parts: children, also });
  if (revision === false) throw new DomainError('database_not_modifiable');
  await startNow(deps, entry);
  return accepted;
}

const childOf = (parent: TaskRecord, { nodeName, taskId }: { nodeName: string; taskId: string }): TaskRecord => {
  const { scope, entityId, workflowId } = parent;
  const about = { scope, entityId, workflowId, parentId: parent.taskId, nodeName };
  return makeTask({ ...about, taskId, type: 'node_restore' }, new Date(parent.createdAt));
};
