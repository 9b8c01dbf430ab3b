import type { Rules } from '../../converge/rules.ts';
import { stepApplier } from './applier.ts';
import { die, repairAfter } from './dying.ts';
import { beginJoin, countLate, tryCopy } from './joining.ts';
import type { Statement } from './statement.ts';
import { World } from './world.ts';

/** One statement, of which most things do not matter. */
const of =
  (on: Statement['on']) =>
  (what: Statement['what'], id: string, a: string, b: string, to = id): Statement => ({
    what,
    on,
    id,
    to,
    a,
    b,
    which: 2,
  });
const users = of('users');
const items = of('items');

/** Everything a node has committed is applied to another. */
export function deliver(world: World, from: number, to: number): void {
  while (stepApplier(world, world.node(to), world.node(from)));
}

/**
 * n2 is made as a copy of n0 and updates a row; n0 deletes it later, not knowing. n0 forgets the delete as soon as n1 is past
 * it. Then the update arrives.
 */
export function aNewNodeNobodyCounts(rules: Rules): World {
  const world = new World(rules, { nodes: 2, skews: [0, 0], full: false });
  const at = (now: number): World => Object.assign(world, { now });
  at(1).local(world.node(0), [users('insert', '1', 'a', 'a')]);
  deliver(at(2), 0, 1);
  tryCopy(world, beginJoin(world, world.node(0), 0));
  at(3).local(world.node(2), [users('update', '1', 'b', 'b')]);
  at(4).local(world.node(0), [users('delete', '1', 'a', 'a')]);
  at(5).heartbeat(world.node(1));
  deliver(at(6), 1, 0);
  world.expire(world.node(0));
  deliver(at(7), 2, 0);
  if (!rules.joinCounted) countLate(world);
  everywhere(at(100));
  return world;
}

/** A row is deleted and made again; it is frozen while the tombstone is kept. Then it is deleted by the other node. */
export function aFrozenRowUnderATombstone(rules: Rules): World {
  const world = new World(rules, { nodes: 2, skews: [0, 0], full: false });
  const at = (now: number): World => Object.assign(world, { now });
  at(1).local(world.node(0), [users('insert', '1', 'a', 'a')]);
  at(2).local(world.node(0), [users('delete', '1', 'a', 'a')]);
  at(3).local(world.node(0), [users('insert', '1', 'b', 'b')]);
  deliver(at(4), 0, 1);
  at(5).heartbeat(world.node(1));
  deliver(at(6), 1, 0);
  world.freeze(world.node(0));
  at(7).local(world.node(1), [users('delete', '1', 'b', 'b')]);
  everywhere(at(100));
  return world;
}

/**
 * n0 deletes a row and makes it again; that is committed and not seen yet. n1, which knows of neither, deletes the row a little
 * later, and n0 applies that.
 */
export function aDeleteBesideAnUnseenInsert(rules: Rules): World {
  const world = new World(rules, { nodes: 2, skews: [0, 0], full: false });
  const at = (now: number): World => Object.assign(world, { now });
  at(1).local(world.node(0), [items('insert', '1', 'a', 'a')]);
  deliver(at(2), 0, 1);
  at(3).local(world.node(0), [items('delete', '1', 'a', 'a')]);
  at(4).local(world.node(0), [items('insert', '1', 'b', 'b')], true);
  at(5).local(world.node(1), [items('delete', '1', 'a', 'a')]);
  deliver(at(6), 1, 0);
  at(7).show(world.node(0));
  everywhere(at(100));
  return world;
}

/** n0 changes a key and leaves the large value alone; n1 asks for the row before n0 sees it. */
export function anUnseenKeyChange(rules: Rules): World {
  const world = new World(rules, { nodes: 2, skews: [0, 0], full: false });
  const at = (now: number): World => Object.assign(world, { now });
  at(1).local(world.node(0), [items('insert', '1', 'a', 'a')]);
  at(2).local(world.node(0), [items('rekey', '1', 'a', 'a', '2')], true);
  deliver(at(3), 0, 1);
  at(4).show(world.node(0));
  everywhere(at(100));
  return world;
}

/** n2 deletes a row, which n0 hears and forgets and n1 never hears; then n2 is gone. */
export function aDeleteOfTheDead(rules: Rules): World {
  const world = new World(rules, { nodes: 3, skews: [0, 0, 0], full: false });
  const at = (now: number): World => Object.assign(world, { now });
  at(1).local(world.node(0), [users('insert', '1', 'a', 'a')]);
  everywhere(at(2));
  at(3).local(world.node(2), [users('delete', '1', 'a', 'a')]);
  for (const peer of [1, 2]) at(4).heartbeat(world.node(peer));
  for (const peer of [1, 2]) deliver(at(5), peer, 0);
  world.expire(world.node(0));
  die(world, world.node(2));
  everywhere(at(100));
  repairAfter(world, 2);
  return world;
}

function everywhere(world: World): void {
  for (const { number: to } of world.nodes) for (const { number: from } of world.nodes) deliver(world, from, to);
}
