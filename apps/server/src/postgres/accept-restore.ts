import { v7 as uuidv7 } from 'uuid';
import { DomainError } from '@windlass/resources/errors';
import {
  effectiveNode,
  otherNodes,
  sealRestore,
  type RestoreDatabaseRequest,
  type StoredSpec,
} from '@windlass/resources/postgres/spec';
import { restoreRecords, swapRecords, type DatabaseRecord } from '@windlass/resources/postgres/records';
import { restoreSecretName, type Claim } from '@windlass/resources/store';
import { makeTask, openTask, ownedBy, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { accept, holderOf, NOTHING } from '../entities/accept.ts';
import { isModifiable } from '../entities/busy.ts';
import { sealedSecrets } from '../core/secrets.ts';
import { refuseBusy } from './busy.ts';
import { databaseStore } from './database-store.ts';
import { readDatabase, type StoredDatabase } from './read-database.ts';
import { refuseNoCopies } from './refuse-no-copies.ts';
import { namesOf } from './refuse-others.ts';
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
  const remade = othersOf(before, nodes);
  const config = request.restore_config;
  await refuseOtherTenant(deps, before.record.tenantId, config);
  const source = await readSource(deps, config);
  const volumes = effectiveNode(before.stored.spec, nodes[0] ?? '').orchestratorOpts?.swarm?.extra_volumes ?? [];
  return open(
    deps,
    before,
    { type: 'restore', nodes, remade, keepHours: request.keep_hours, force },
    also,
    async (task) => {
      const secretName = restoreSecretName(id, task.taskId);
      const place = { secretName, volumes: volumes.map((v) => v.destination_path) };
      const { origin, secret } = sealRestore(config, source, place);
      const { taskId, createdAt } = task;
      const { expect, writes } = await sealedSecrets(deps, secret ? [[secretName, JSON.stringify(secret)]] : []);
      return { expect, writes: [restoreRecords.put({ taskId, createdAt, origin }, id, taskId), ...writes] };
    },
  );
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
  const remade = othersOf(before, nodes);
  for (const node of nodes) await refuseNothingKept(deps, wish.id, node);
  return open(
    deps,
    before,
    { type: 'undo_restore', nodes, remade, keepHours: wish.keepHours, force: false },
    also,
    () => Promise.resolve(NOTHING),
  );
}

/** The nodes that are restored: of several the first, of which the others become copies. */
function targetsOf(before: StoredDatabase, wanted: readonly string[] = []): string[] {
  const names = namesOf(before);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new DomainError('invalid_input', `node not in db spec: [${unknown.join(' ')}]`);
  if (wanted.length > 0 && names.some((name) => !wanted.includes(name))) throw apart(names);
  return names.slice(0, 1);
}

/** Peers send what they wrote once, and would take what a node has lost for what it never wrote: nodes would stay different for good. */
const apart = (names: readonly string[]): DomainError =>
  new DomainError(
    'operation_refused',
    `target_nodes: leave it out, or name all nodes (${names.join(', ')}): one that goes back in time alone would stay different from the others; to make one of them anew from the others, POST …/nodes/{name}/resync`,
  );

/** The nodes that become copies of what is restored. */
function othersOf({ stored }: StoredDatabase, nodes: readonly string[]): string[] {
  const others = otherNodes(stored.spec, nodes);
  refuseNoCopies(stored, others);
  return others;
}

async function refuseNothingKept({ kv, now }: ServerDeps, id: string, node: string): Promise<void> {
  const swaps = (await swapRecords.list(kv, [id, node])).map(({ value }) => value);
  const last = swaps.filter((s) => s.data === 'kept' && Date.parse(s.until) > now().getTime()).at(-1);
  if (last) return;
  const latest = swaps.at(-1);
  const why = latest ? `what it ran with before was kept until ${latest.until}` : 'it was not restored';
  throw new DomainError('operation_refused', `node '${node}' has nothing that could be put back: ${why}`);
}

interface Opening {
  readonly type: 'restore' | 'undo_restore';
  readonly nodes: readonly string[];
  readonly remade: readonly string[];
  readonly keepHours?: number | undefined;
  readonly force: boolean;
}

/** One transaction writes the tasks, the outbox and the database as `restoring`; it expects the database as it was checked. */
async function open(
  deps: ServerDeps,
  before: StoredDatabase,
  { type, nodes, remade, keepHours = KEEP_HOURS, force }: Opening,
  claim: AlsoRestore,
  more: (task: TaskRecord) => Promise<Claim>,
): Promise<AcceptedRestore> {
  const { tenantId, openTaskId, state } = before.record;
  if (state === 'deleting') throw new DomainError('database_not_modifiable');
  const parts = nodes.map((nodeName) => ({ nodeName, taskId: uuidv7() }));
  const supersedes = force ? openTaskId : undefined;
  const request = {
    entity: before.entity,
    type,
    input: { parts, keepHours, ...(remade.length > 0 && { remade }) },
    tenantId,
    supersedes,
  } as const;
  const opened = openTask(request, deps.now());
  const { task } = opened;
  const children = parts.map((part) => childOf(task, part));
  const record = ownedBy<DatabaseRecord>(task, {
    ...before.record,
    state: 'restoring',
    stateBefore: isModifiable(before.record) ? state : 'failed',
  });
  const accepted = { task, parts: children, record, stored: before.stored, revision: before.specRevision };
  const holder = holderOf(databaseStore, before, record);
  const along = [await more(task), claim(accepted)];
  await accept(deps, opened, { holder, parts: children, also: along }, databaseStore.refusals.busy);
  return accepted;
}

const childOf = (parent: TaskRecord, { nodeName, taskId }: { nodeName: string; taskId: string }): TaskRecord => {
  const { scope, entityId, workflowId } = parent;
  const about = { scope, entityId, workflowId, parentId: parent.taskId, nodeName };
  return makeTask({ ...about, taskId, type: 'node_restore' }, new Date(parent.createdAt));
};
