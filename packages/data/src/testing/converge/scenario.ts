import type { Rules } from '../../converge/rules.ts';
import { stepApplier } from './applier.ts';
import { die, repairAfter } from './dying.ts';
import { beginJoin, countLate, tryCopy, type Joining } from './joining.ts';
import type { SimNode } from './sim-node.ts';
import type { Statement } from './statement.ts';
import { World } from './world.ts';

/** Takes small numbers out of a large one, so that a smaller number is a simpler thing. */
class Dice {
  #left: number;

  constructor(number: number) {
    this.#left = number;
  }

  take(sides: number): number {
    const face = this.#left % sides;
    this.#left = Math.floor(this.#left / sides);
    return face;
  }
}

/** A history as numbers: what the world is like, and one number for each step. */
export interface Scenario {
  readonly world: number;
  readonly steps: readonly number[];
}

const SORTS: readonly (readonly Statement['on'][])[] = [
  ['items'],
  ['users'],
  ['logs'],
  ['parts'],
  ['items', 'logs'],
  ['users', 'parts'],
  ['items', 'users'],
];
type Step =
  | 'local'
  | 'apply'
  | 'link'
  | 'heartbeat'
  | 'expire'
  | 'settle'
  | 'crash'
  | 'join'
  | 'die'
  | 'failover'
  | 'freeze'
  | 'confirm';

const times = (parts: Partial<Record<Step, number>>): readonly Step[] =>
  (Object.keys(parts) as Step[]).flatMap((step) => Array<Step>(parts[step] ?? 0).fill(step));
const EVERYTHING = {
  link: 1,
  heartbeat: 1,
  expire: 1,
  settle: 1,
  crash: 1,
  join: 1,
  failover: 1,
  freeze: 1,
  confirm: 1,
};
/** How often each step is taken, in histories of five sorts. */
const MIXES: readonly (readonly Step[])[] = [
  times({ local: 5, apply: 10, ...EVERYTHING }),
  times({ local: 8, apply: 8, link: 2, settle: 1 }),
  times({ local: 5, apply: 8, heartbeat: 4, expire: 4, link: 1, freeze: 1 }),
  times({ local: 5, apply: 8, join: 3, heartbeat: 3, expire: 3 }),
  times({ local: 8, apply: 10, die: 1, link: 2, heartbeat: 2, expire: 2 }),
];
const WHAT: readonly Statement['what'][] = [
  'insert',
  'delete',
  'update',
  'upsert',
  'insert',
  'update',
  'delete',
  'upsert',
  'rekey',
  'insert',
  'truncate',
];

/** Plays a scenario on a world of its own. */
export class Play {
  readonly world: World;
  readonly #sorts: readonly Statement['on'][];
  readonly #mix: readonly Step[];
  #joining: Joining | undefined;

  constructor(rules: Rules, scenario: Scenario, trace?: string[]) {
    const dice = new Dice(scenario.world);
    const nodes = 2 + dice.take(4);
    this.#sorts = SORTS[dice.take(SORTS.length)] ?? ['items'];
    const full = dice.take(2) === 1;
    this.#mix = MIXES[dice.take(MIXES.length)] ?? [];
    this.world = new World(rules, { nodes, full, skews: [0, 1, 2, 3, 4].map(() => dice.take(6)) }, trace);
    for (const step of scenario.steps) this.#step(new Dice(step));
  }

  /** Everything is mended, everything arrives, every clock is past everything. */
  drain(): void {
    const { world } = this;
    world.down.clear();
    for (const node of world.nodes) node.crash();
    this.#rest();
    for (const dead of world.dead) repairAfter(world, dead);
    if (world.dead.size > 0) this.#rest();
  }

  /** Until nothing moves. */
  #rest(): void {
    for (let rounds = 0; this.#round(); rounds += 1) if (rounds > 100) throw new Error('the nodes find no rest');
  }

  #round(): boolean {
    const { world } = this;
    world.now += 1000;
    for (const node of world.nodes) world.show(node);
    if (this.#joining && tryCopy(world, this.#joining)) this.#joining = undefined;
    let moved = this.#joining !== undefined;
    for (const node of world.living())
      for (const peer of world.living()) while (stepApplier(world, node, peer)) moved = true;
    for (const node of world.living()) moved = world.settle(node) || moved;
    return moved;
  }

  #step(dice: Dice): void {
    const { world } = this;
    const what = this.#mix[dice.take(this.#mix.length)] ?? 'local';
    const node = world.node(dice.take(world.nodes.length));
    world.now += [1, this.#mix.includes('die') ? 1 : 0, 2][dice.take(3)] ?? 1;
    if (world.dead.has(node.number)) return;
    if (what === 'local') world.local(node, statementsOf(dice, this.#sorts), dice.take(4) === 3);
    else if (what === 'apply') stepApplier(world, node, world.node(dice.take(world.nodes.length)));
    else this.#rareStep(what, node.number, dice);
    if (!world.rules.joinCounted) countLate(world);
  }

  #rareStep(what: Exclude<Step, 'local' | 'apply'>, number: number, dice: Dice): void {
    const { world } = this;
    const node = world.node(number);
    if (what === 'link') this.#toggle(number, dice.take(world.nodes.length));
    else if (what === 'heartbeat') world.heartbeat(node);
    else if (what === 'expire') world.expire(node);
    else if (what === 'die') this.#die(node);
    else if (what === 'settle') world.settle(node);
    else if (what === 'crash') this.#crash(number);
    else if (what === 'join') this.#join(number, dice.take(6));
    else if (what === 'failover') world.failover(node, dice.take(6));
    else if (what === 'freeze') world.freeze(node);
    else for (const [peer, position] of node.progress) node.confirmed.set(peer, position);
  }

  /** Two nodes stay. */
  #die(node: SimNode): void {
    if (this.world.living().length > 2 && this.world.dead.size === 0) die(this.world, node);
  }

  #toggle(from: number, to: number): void {
    const link = `${String(from)}>${String(to)}`;
    const down = !this.world.down.delete(link);
    if (down) this.world.down.add(link);
    this.world.say(() => `the stream n${String(from)} → n${String(to)} is ${down ? 'cut' : 'mended'}`);
  }

  #crash(number: number): void {
    this.world.node(number).crash();
    this.world.say(() => `the applier of n${String(number)} dies`);
  }

  #join(source: number, skew: number): void {
    const { world } = this;
    if (!this.#joining && world.nodes.length < 5) this.#joining = beginJoin(world, world.node(source), skew);
    if (this.#joining && tryCopy(world, this.#joining)) this.#joining = undefined;
  }
}

/** One statement; of every third transaction two, of every ninth three. */
function statementsOf(dice: Dice, sorts: readonly Statement['on'][]): Statement[] {
  const statements = [statementOf(dice, sorts)];
  while (statements.length < 3 && dice.take(3) === 2) statements.push(statementOf(dice, sorts));
  return statements;
}

function statementOf(dice: Dice, sorts: readonly Statement['on'][]): Statement {
  const what = WHAT[dice.take(WHAT.length)] ?? 'insert';
  const on = sorts[dice.take(sorts.length)] ?? 'items';
  const keys = on === 'items' ? 2 : 4;
  const id = String(1 + dice.take(keys));
  const [a = 'a', b = 'a'] = [0, 1].map(() => ['a', 'b', 'c'][dice.take(on === 'logs' ? 2 : 3)] ?? 'a');
  return { what, on, id, a, b, which: dice.take(3), to: what === 'rekey' ? String(1 + dice.take(keys)) : id };
}
