import { applyChanges } from '../../converge/apply.ts';
import type { Change } from '../../converge/change.ts';
import { clockWait } from '../../converge/clock.ts';
import { recordedHere } from '../../converge/conflicts.ts';
import { recheck } from '../../converge/recheck.ts';
import { isDue } from '../../converge/progress.ts';
import { arrange } from '../../converge/unique.ts';
import { keyOf, UNCHANGED, type ReceivedRow } from '../../converge/table.ts';
import { Draft } from './draft.ts';
import { tableOf } from './schema.ts';
import type { Applying, Logged, SimNode } from './sim-node.ts';
import type { World } from './world.ts';

/**
 * One step of the applier of a node: it takes the next transaction of a peer and reads tombstones; then it writes, rechecks
 * and commits. Between the two, users of the node commit, and the applier may die. False when there was nothing to do.
 */
export function stepApplier(world: World, node: SimNode, peer: SimNode): boolean {
  if (peer === node || world.dead.has(peer.number)) return false;
  if (!world.rules.oneApplier) return stepOneOfMany(world, node, peer);
  const running = [...node.appliers.values()][0];
  if (!running) return take(world, node, peer);
  if (waitsForUnseen(world, node, running)) return false;
  write(world, node, running);
  commit(world, node, running);
  return true;
}

/** Without the rule of one applier, each peer has one, and they get between each other's steps. */
function stepOneOfMany(world: World, node: SimNode, peer: SimNode): boolean {
  const running = node.appliers.get(peer.number);
  if (!running) return take(world, node, peer);
  if (running.draft) commit(world, node, running);
  else if (waitsForLock(node, running) || waitsForUnseen(world, node, running)) return false;
  else write(world, node, running);
  return true;
}

/** What another transaction has written and not committed can be neither written nor inserted; what it inserted cannot be seen. */
function waitsForLock(node: SimNode, { transaction }: Applying): boolean {
  return [...node.appliers.values()].some(({ draft }) =>
    transaction.changes.some((change) => {
      if (!draft || change.kind === 'truncate') return draft !== undefined;
      const row = change.kind === 'delete' ? change.old : change.row;
      const key = keyOf(tableOf(change.table), row);
      const seen = node.data.of(change.table).rows.has(key);
      return draft.locks(change.table, key) && (change.kind !== 'delete' || seen);
    }),
  );
}

/**
 * What a committed transaction has locked is locked until it is seen: rows that were there, keys and unique values it
 * inserted. TRUNCATE, and changes of a table without a key, wait for all writers of the table. Only a delete of a key that
 * has no row waits for nothing.
 */
function waitsForUnseen(world: World, node: SimNode, { transaction }: Applying): boolean {
  const sender = world.node(transaction.node);
  if (world.rules.askVisible && sender.unseen?.logged === transaction && transaction.changes.some(mustAsk)) return true;
  const draft = node.unseen?.draft;
  return draft !== undefined && transaction.changes.some((change) => isLocked(node, draft, change));
}

function mustAsk(change: Change): boolean {
  return change.kind === 'update' && Object.values(change.row).includes(UNCHANGED);
}

function isLocked(node: SimNode, draft: Draft, change: Change): boolean {
  if (change.kind === 'truncate') return change.tables.some((table) => draft.touches(table));
  const { table } = change;
  if (table === 'logs' || table === 'users') return draft.touches(table);
  if (draft.empties(table)) return true;
  const locked = (row: ReceivedRow, inserts: boolean): boolean => {
    const key = keyOf(tableOf(table), row);
    return draft.locks(table, key) && (inserts || node.data.of(table).rows.has(key));
  };
  const old = change.kind === 'insert' ? undefined : change.old;
  return (old !== undefined && locked(old, false)) || (change.kind !== 'delete' && locked(change.row, true));
}

function take(world: World, node: SimNode, peer: SimNode): boolean {
  const transaction = next(world, node, peer);
  if (!transaction) return false;
  if (world.rules.clockWait && clockWait(transaction.time, world.clock(node)).wait > 0) return false;
  node.appliers.set(peer.number, { transaction, snapshot: node.data.snapshot() });
  world.say(() => `n${String(node.number)} begins with ${nameOf(transaction)}`);
  return true;
}

/** The next transaction of a stream, but those that the progress of the origin is past. */
function next(world: World, node: SimNode, peer: SimNode): Logged | undefined {
  if (world.down.has(`${String(peer.number)}>${String(node.number)}`)) return undefined;
  let at = node.cursor.get(peer.number) ?? node.begins.get(peer.number) ?? 0;
  const progress = node.progress.get(peer.number);
  while (at < peer.log.length && world.rules.originProgress && !isDue(at + 1, progress)) at += 1;
  node.cursor.set(peer.number, at);
  return peer.log[at];
}

function write(world: World, node: SimNode, running: Applying): void {
  running.draft = new Draft(node.data, node.number, running.snapshot);
  const context = world.context(node, running.draft, world.node(running.transaction.node));
  running.applied = applyChanges(context, running.transaction);
  running.draft.nextStatement();
  recheck(context, running.applied);
  if (running.transaction.changes.some(isOfUsers))
    arrange(context, 'users', running.applied.written.get('users') ?? []);
}

/** Only then the transaction has waited for those who write `users`: a row may come back only where nobody else inserts. */
function isOfUsers(change: Change): boolean {
  return change.kind === 'truncate' ? change.tables.includes('users') : change.table === 'users';
}

/** Data, progress and conflicts are one commit. */
function commit(world: World, node: SimNode, { transaction, draft, applied }: Applying): void {
  draft?.commit();
  const { node: peer, position, time } = transaction;
  node.appliers.delete(peer);
  node.progress.set(peer, Math.max(position, node.progress.get(peer) ?? 0));
  node.arrived.set(peer, time);
  node.cursor.set(peer, position);
  node.applied.push(transaction);
  if (node.unseen) for (const remembered of applied?.remembered ?? []) node.later.push({ remembered, transaction });
  if (applied?.superseded.length) node.superseded.set(transaction, applied.superseded);
  for (const rejected of applied?.rejected ?? []) {
    node.rejections.push({ rejected, transaction });
    if (recordedHere(rejected, node.number) || !world.rules.oneSide) node.records.push({ rejected, transaction });
  }
  world.say(() => `n${String(node.number)} has applied ${nameOf(transaction)}${said(applied?.rejected.length ?? 0)}`);
}

function nameOf({ node, position, time }: Logged): string {
  return `n${String(node)}#${String(position)} of ${String(time)}`;
}

function said(rejected: number): string {
  return rejected > 0 ? `, ${String(rejected)} of its changes rejected` : '';
}
