import { recheckLater } from '../../converge/recheck.ts';
import { compareVersions } from '../../converge/version.ts';
import { recordedHere } from '../../converge/conflicts.ts';
import type { Remembered } from '../../converge/apply.ts';
import { arrange, toRemove } from '../../converge/unique.ts';
import type { Context } from '../../converge/context.ts';
import { horizonOf } from '../../converge/expiry.ts';
import { mayOpen } from '../../converge/clock.ts';
import type { Rules } from '../../converge/rules.ts';
import { Draft } from './draft.ts';
import { LocalWrite } from './local-write.ts';
import { runStatement } from './run-statement.ts';
import { relatives, tableOf } from './schema.ts';
import { SimNode, type Logged } from './sim-node.ts';
import { sentence, type Statement } from './statement.ts';

export interface WorldOptions {
  readonly nodes: number;
  /** How far the clock of each node is off. */
  readonly skews: readonly number[];
  /** REPLICA IDENTITY FULL on `items`; otherwise what is not sent is asked for. */
  readonly full: boolean;
}

/** All nodes, the links between them, and the time. */
export class World {
  readonly nodes: SimNode[] = [];
  readonly rules: Rules;
  readonly full: boolean;
  now = 0;
  /** Links that are down, as `from>to`. */
  readonly down = new Set<string>();
  /** Nodes that are gone for good. */
  readonly dead = new Set<number>();
  readonly trace: string[] | undefined;

  constructor(rules: Rules, { nodes, skews, full }: WorldOptions, trace?: string[]) {
    this.rules = rules;
    this.full = full;
    this.trace = trace;
    for (let i = 0; i < nodes; i += 1) this.nodes.push(new SimNode(i, skews[i] ?? 0, others(nodes, i)));
  }

  say(line: () => string): void {
    this.trace?.push(`${String(this.now).padStart(4)}  ${line()}`);
  }

  clock(node: SimNode): number {
    return this.now + node.skew;
  }

  node(number: number): SimNode {
    const found = this.nodes[number];
    if (!found) throw new Error(`no node ${String(number)}`);
    return found;
  }

  living(): SimNode[] {
    return this.nodes.filter(({ number }) => !this.dead.has(number));
  }

  #isGone(number: number | undefined): boolean {
    return number === undefined || this.dead.has(number);
  }

  context(node: SimNode, draft: Draft, sender?: SimNode): Context {
    return {
      store: draft,
      actsFor: (number) => number === node.number || (this.#isGone(number) && node === this.living()[0]),
      rules: this.rules,
      tableOf,
      relatives,
      ask: (table, key) => sender?.data.of(table).rows.get(key),
    };
  }

  /** A node takes writes when its clock is past what it holds; and none in the moment an applier holds its locks. */
  isOpen(node: SimNode): boolean {
    this.show(node);
    if ([...node.appliers.values()].some(({ draft }) => draft !== undefined)) return false;
    return !this.rules.openingWait || mayOpen(node.closedUntil, this.clock(node));
  }

  /** What was committed becomes visible, as the standbys have it; then keys are rechecked where deletes found nothing. */
  show(node: SimNode): void {
    const { unseen } = node;
    if (!unseen) return;
    node.unseen = undefined;
    unseen.draft.commit();
    this.say(() => `n${String(node.number)} sees its #${String(unseen.logged.position)}`);
    for (const { remembered, transaction } of node.later.splice(0))
      this.#recheck(node, remembered, transaction, unseen);
  }

  #recheck(node: SimNode, one: Remembered, transaction: Logged, { logged }: { logged: Logged }): void {
    const draft = new Draft(node.data, node.number);
    const context = this.context(node, draft);
    const rejected = recheckLater(context, [one], (version) => compareVersions(version, logged) === 0);
    draft.commit();
    for (const lost of rejected)
      if (recordedHere(lost, node.number)) node.records.push({ rejected: lost, transaction });
    this.say(() => `n${String(node.number)} looks at ${one.key} again`);
  }

  local(node: SimNode, statements: readonly Statement[], unseen = false): void {
    if (!this.isOpen(node)) return;
    const write = this.#begin(node);
    const done = statements.every((statement) => runStatement(write.local, statement));
    const kept = done && write.local.wire.length > 0;
    this.say(
      () =>
        `n${String(node.number)} ${kept ? (unseen ? 'commits, unseen yet,' : 'commits') : 'does nothing with'} ${statements.map(sentence).join('; ')}`,
    );
    if (kept) this.#commit(node, write, unseen);
  }

  /** A transaction without changes, so that the others know how far this one is. */
  heartbeat(node: SimNode): void {
    if (this.isOpen(node)) this.#commit(node, this.#begin(node));
  }

  /** Parked rows go back or go for good. */
  settle(node: SimNode): boolean {
    if (!this.isOpen(node)) return false;
    const draft = new Draft(node.data, node.number);
    arrange(this.context(node, draft), 'users', []);
    draft.commit();
    const write = this.#begin(node);
    const removed = toRemove(this.context(node, write.draft), 'users');
    for (const { table, row } of removed) write.local.delete(table, { id: String(row?.['id']) });
    if (removed.length === 0) return false;
    const transaction = this.#commit(node, write);
    node.records.push(...removed.map((rejected) => ({ rejected, transaction })));
    this.say(() => `n${String(node.number)} removes for good ${removed.map(({ key }) => key).join(', ')}`);
    return true;
  }

  expire(node: SimNode): void {
    this.say(() => `n${String(node.number)} forgets tombstones older than ${String(this.horizon(node))}`);
    node.data.forgetBefore(this.horizon(node));
  }

  freeze(node: SimNode): void {
    this.say(() => `n${String(node.number)} freezes rows older than ${String(this.horizon(node))}`);
    node.data.freezeBefore(this.horizon(node));
  }

  horizon(node: SimNode): number {
    if (this.rules.expiryByArrival) return horizonOf(node.peers, (peer) => node.arrived.get(peer));
    return Math.min(...[...node.peers].map((peer) => this.#confirmedTime(node, peer)));
  }

  /** Another primary of the node, on a host whose clock is off by something else. */
  failover(node: SimNode, skew: number): void {
    this.show(node);
    node.crash();
    node.closedUntil = node.newestHeld();
    node.skew = skew;
    this.say(() => `n${String(node.number)} fails over to a host whose clock is off by ${String(skew)}`);
  }

  #begin(node: SimNode): { draft: Draft; local: LocalWrite; time: number } {
    const draft = new Draft(node.data, node.number);
    const time = this.clock(node);
    return { draft, time, local: new LocalWrite(draft, { time, node: node.number }, this.rules, this.full) };
  }

  #commit(
    node: SimNode,
    { draft, local, time }: { draft: Draft; local: LocalWrite; time: number },
    unseen = false,
  ): Logged {
    if (!unseen) draft.commit();
    const position = node.log.length + 1;
    const { wire: changes, deeds } = local;
    const logged = { node: node.number, position, time, changes, deeds, unseen, seen: new Map(node.progress) };
    node.log.push(logged);
    if (unseen) node.unseen = { draft, logged };
    return logged;
  }

  /** The commit time up to which a peer says it has this node's transactions. */
  #confirmedTime(node: SimNode, peer: number): number {
    const position = this.nodes[peer]?.progress.get(node.number) ?? 0;
    return node.log[position - 1]?.time ?? -Infinity;
  }
}

function others(nodes: number, me: number): number[] {
  return [...Array(nodes).keys()].filter((one) => one !== me);
}
