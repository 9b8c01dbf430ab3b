import { endOf, NOWHERE } from './end.ts';
import type { Ask } from './arrangement.ts';
import type { Answer, Step } from './exchange.ts';
import type { Outbox } from './outbox.ts';
import type { Plan } from './plan.ts';
import type { ApplySession } from './session.ts';
import type { Tables } from './tables.ts';
import { lateByRules, makeOrigin, settleOnce } from './unique.ts';
import type { WorkerParts } from './worker.ts';

/** How often parked rows are looked at, in ms: while nothing arrives, and while much does where unique values collide. */
const SETTLE_MS = 1000;
const SETTLE_SOON_MS = 100;

interface Around {
  readonly session: ApplySession;
  readonly parts: WorkerParts;
  readonly outbox: Outbox;
  readonly tables: Tables;
}

/** What is looked at again between transactions of peers: keys where a delete found nothing, and rows that are parked. */
export class LookAgain {
  readonly #session: ApplySession;
  readonly #parts: WorkerParts;
  readonly #outbox: Outbox;
  readonly #tables: Tables;
  readonly #ask: Ask;
  #settledAt = 0;
  #owesSettling = false;

  constructor({ session, parts, outbox, tables }: Around) {
    this.#session = session;
    this.#parts = parts;
    this.#outbox = outbox;
    this.#tables = tables;
    this.#ask = (steps) => outbox.ask(undefined, steps);
  }

  /** What was parked before is settled first. */
  async begin(): Promise<void> {
    await this.#tables.forgetCareful();
  }

  /** Rows may have been parked, or need not be any more: they are looked at when nothing else is to be done, or soon. */
  expectSettling(): void {
    this.#owesSettling = true;
  }

  /** In how many ms something is to be looked at though nothing arrives: users may have removed what kept a row out. */
  dueInMs(isQuiet: boolean): number | undefined {
    const late = this.#parts.late.dueInMs;
    const settle = this.#settleEvery(isQuiet);
    if (settle === undefined) return late;
    return Math.min(late ?? Infinity, Math.max(0, this.#settledAt + settle - performance.now()));
  }

  #settleEvery(isQuiet: boolean): number | undefined {
    if (this.#owesSettling) return isQuiet ? 0 : SETTLE_SOON_MS;
    return this.#tables.hasCareful ? SETTLE_MS : undefined;
  }

  /** At what is due. */
  async look(): Promise<void> {
    if (this.#parts.late.dueInMs === 0) await this.#recheckLate();
    if (this.#tables.hasCareful) await this.#settle();
    this.#owesSettling = false;
  }

  /** Tables where rows may be parked: removes them for good, or puts them back. */
  async #settle(): Promise<void> {
    await this.#outbox.empty();
    const switchTo = (node: number | undefined): Promise<Step[]> => this.#switchTransaction(node);
    for (const plan of await this.#tables.carefulPlans()) while (await settleOnce({ plan, ask: this.#ask, switchTo }));
    await this.#tables.forgetCareful();
    this.#settledAt = performance.now();
  }

  /** Looks again at keys where a delete found nothing. Its transaction has the origin of a peer, so it is sent to nobody. */
  async #recheckLate(): Promise<void> {
    const { steps, coded } = await this.#parts.late.due(this.#tables);
    const [peer] = this.#parts.options.peers;
    if (peer === undefined) return;
    for (const plan of coded) await this.#recheckByRules(plan, peer);
    if (steps.length === 0) return;
    const before = this.#begin(peer);
    const onDone = (answers: readonly Answer[]): void =>
      this.#parts.states.count(undefined, steps, answers.slice(before.length));
    this.#outbox.push({ of: undefined, steps: [...before, ...steps, ...endOf(NOWHERE, nowText(), false)], onDone });
    await this.#outbox.room();
  }

  async #recheckByRules(plan: Plan, peer: number): Promise<void> {
    await this.#ask(this.#begin(peer));
    await this.#ask([...(await lateByRules(plan, this.#ask)), ...endOf(NOWHERE, nowText(), true)]);
  }

  #begin(peer: number): Step[] {
    return [...this.#session.switchTo(this.#session.origin ?? peer), { text: 'BEGIN', values: [] }];
  }

  /** Within a transaction of its own: its origin is that of a node, or none. */
  async #switchTransaction(node: number | undefined): Promise<Step[]> {
    if (node !== undefined && !this.#session.knows(node)) {
      await this.#ask([makeOrigin(node)]);
      this.#session.isOutdated = true;
    }
    return this.#session.switchTo(node);
  }
}

const nowText = (): string => new Date().toISOString();
