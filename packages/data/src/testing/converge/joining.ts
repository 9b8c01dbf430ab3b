import { beginsAt, mayCopy } from '../../converge/join.ts';
import { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

/** A new node that is being made by a physical copy. */
export interface Joining {
  readonly source: SimNode;
  readonly skew: number;
  /** Where the slots on its peers begin. */
  readonly slots: ReadonlyMap<number, number>;
}

/** Slots for the new node on every peer but the source of the copy; from now on they count it. */
export function beginJoin(world: World, source: SimNode, skew: number): Joining {
  const number = world.nodes.length;
  const peers = world.nodes.filter((one) => one !== source);
  if (world.rules.joinCounted) for (const node of world.nodes) node.peers.add(number);
  world.say(() => `n${String(number)} is to be a copy of n${String(source.number)}: slots are made`);
  return { source, skew, slots: new Map(peers.map((peer) => [peer.number, peer.log.length])) };
}

/** Copies, when it may; true when the node is there. Streams begin no earlier than their slots. */
export function tryCopy(world: World, { source, skew, slots }: Joining): boolean {
  world.show(source);
  if (world.rules.joinWait && !mayCopy(slots, source.progress)) return false;
  const node = new SimNode(
    world.nodes.length,
    skew,
    world.nodes.map(({ number }) => number),
    source,
  );
  node.closedUntil = source.newestHeld();
  const ends = beginsAt(source.number, source.log.length, source.progress);
  for (const [peer, position] of ends) node.progress.set(peer, position);
  for (const peer of [...ends.keys(), ...slots.keys()]) {
    const begins = Math.max(ends.get(peer) ?? 0, slots.get(peer) ?? 0);
    node.begins.set(peer, begins);
    node.confirmed.set(peer, begins);
  }
  world.nodes.push(node);
  world.say(() => `n${String(node.number)} is a copy of n${String(source.number)} now`);
  return true;
}

/** Without the rule, a peer counts a new node only when it has heard of it. */
export function countLate(world: World): void {
  for (const node of world.nodes) for (const peer of node.arrived.keys()) node.peers.add(peer);
}
