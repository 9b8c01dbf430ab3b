import { hasApplied, repairOf, type Had, type HasApplied } from '../../converge/repair.ts';
import { isDead } from '../../converge/decisions.ts';
import { tombstoneOf } from '../../converge/store.ts';
import { arrange } from '../../converge/unique.ts';
import { Draft } from './draft.ts';
import { TABLES } from './schema.ts';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

/** A node is gone for good, with what it had not sent. */
export function die(world: World, node: SimNode): void {
  world.show(node);
  world.dead.add(node.number);
  for (const other of world.nodes) other.appliers.delete(node.number);
  world.say(() => `n${String(node.number)} is gone for good`);
}

/** The others compare: who had most of the dead takes from each, then each takes from it. */
export function repairAfter(world: World, dead: number): void {
  const living = world.living();
  const [first, ...others] = [...living].sort((a, b) => (b.progress.get(dead) ?? 0) - (a.progress.get(dead) ?? 0));
  if (!first || !world.rules.repair) return;
  for (const other of others) repair(world, first, other);
  for (const other of others) {
    repair(world, other, first);
    other.data.of('logs').tallies = new Map(first.data.of('logs').tallies);
  }
  for (const node of living) node.peers.delete(dead);
}

function repair(world: World, node: SimNode, from: SimNode): void {
  const draft = new Draft(node.data, node.number);
  const never: HasApplied = () => false;
  const { repairByProgress } = world.rules;
  const applied = repairByProgress ? { here: appliedBy(node), there: appliedBy(from) } : { here: never, there: never };
  for (const table of Object.keys(TABLES)) {
    const theirs = from.data.of(table);
    const keys = new Set([...node.data.of(table).rows.keys(), ...theirs.rows.keys(), ...theirs.tombstones.keys()]);
    for (const key of keys) repairKey({ draft, from, applied }, table, key);
  }
  arrange(
    world.context(node, draft),
    'users',
    draft.rows('users').map(([key]) => key),
  );
  draft.commit();
  world.say(() => `n${String(node.number)} takes from n${String(from.number)} what is newer there`);
}

interface Repairing {
  readonly draft: Draft;
  readonly from: SimNode;
  readonly applied: { readonly here: HasApplied; readonly there: HasApplied };
}

function repairKey({ draft, from, applied }: Repairing, table: string, key: string): void {
  const there = new Draft(from.data, from.number);
  const [mine, theirs] = [hadBy(draft, table, key), hadBy(there, table, key)];
  const what = repairOf(mine, theirs, applied);
  if (what === 'remove' || (what === 'take' && !theirs?.row)) draft.removeRow(table, key);
  if (what !== 'take' || !theirs) return;
  if (theirs.row) draft.putRow(table, key, { version: theirs.version, row: theirs.row, parked: false });
  else if (theirs.version) draft.putTombstone(table, key, theirs.version);
}

/** The newer of row and tombstone. */
function hadBy(draft: Draft, table: string, key: string): Had | undefined {
  const row = draft.row(table, key);
  const tombstone = tombstoneOf(draft, table, key);
  if (row && !isDead(row, tombstone)) return row;
  return tombstone && { version: tombstone, row: null };
}

function appliedBy(node: SimNode): HasApplied {
  return hasApplied(node.number, (peer) => node.arrived.get(peer));
}
