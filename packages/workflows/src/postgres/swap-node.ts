import { CancelledFailure, isCancellation, patched } from '@temporalio/workflow';
import type { NodeMember, PlanFocus } from '@windlass/activities';
import { applyPlan } from '../core/apply-plan.ts';
import { untilCanceled } from '../core/carry-through.ts';
import { leadingNode } from './leading-node.ts';
import { databaseTaskOf } from './database-task.ts';
import { sampleAll } from './sample-all.ts';
import { carryOn, control, controlFor, slowStepOn, stepOn } from '../core/proxies.ts';
import type { PreparedNode, RestoreInput } from './restore-database.ts';

/**
 * Stops a node, puts the copy in the place of its data and starts it again: the restored instance first, which takes writes
 * before the data of any replica goes. When it does not, or is canceled before that, all of it is what it was. Of several nodes
 * the first decides: the others are carried through.
 */
export async function swapNode(node: PreparedNode, input: RestoreInput, end: { untouched: boolean }): Promise<void> {
  const { ref, site } = node;
  const { databaseId, nodeName, instanceId } = ref;
  const mayGoBack = end.untouched;
  const heeding = mayGoBack ? untilCanceled : <T>(work: () => Promise<T>): Promise<T> => work();
  const members = await heeding(() => leadingNode(node));
  const replicas = members.filter((m) => m.instanceId !== instanceId);
  const running = replicas.filter((m) => !m.stopped);
  const switches = new Switches(node, input);
  let at = '';
  try {
    await heeding(async () => {
      for (const member of running) await switches.stop(member);
      await switches.stop(site);
      at = new Date(Date.now()).toISOString();
      await carryOn(site.queue, `swap the data of ${instanceId}`).swapData(ref);
      await switches.start(site);
    });
  } catch (err) {
    const isCanceled = isCancellation(err);
    if (mayGoBack || patched('each-node-goes-back'))
      await goBack(node, switches, running, { isCanceled, isSwapped: at !== '' });
    throw isCanceled ? new CancelledFailure(BACK, [BACK]) : err;
  }
  end.untouched = false;
  const note = { ...ref, at, keepHours: input.keepHours };
  await carryOn(site.queue, `note what ${nodeName} ran with before`).noteSwap(note);
  for (const member of replicas) await rebuild(node, switches, member);
  await carryOn(site.queue, `see that the backups of ${nodeName} go on`).resumeBackups(ref);
  await sampleAll(databaseId, members.map((m) => m.queue)); // prettier-ignore
}

const BACK = 'everybody runs again with the data they had';

/** Everybody runs again with the data they had. Who is canceled does not wait until they take writes. */
async function goBack(
  { ref, site }: PreparedNode,
  switches: Switches,
  running: readonly NodeMember[],
  { isCanceled, isSwapped }: { readonly isCanceled: boolean; readonly isSwapped: boolean },
): Promise<void> {
  if (isSwapped || !isCanceled) {
    await switches.stop(site);
    const wish = { ...ref, ...(isCanceled && { isCanceled }) };
    await carryOn(site.queue, `put the former data of ${ref.instanceId} back`).swapDataBack(wish);
  }
  let waits = !isCanceled;
  for (const member of [site, ...running])
    if (!isCanceled || switches.hasStopped(member)) waits = await switches.letGo(member, waits);
}

/** A replica copies the restored instance; one that was stopped does so when it is started. */
async function rebuild({ ref }: PreparedNode, switches: Switches, member: NodeMember): Promise<void> {
  const { instanceId, queue, stopped } = member;
  await carryOn(queue, `drop the data of ${instanceId}`).dropData({ ...ref, instanceId });
  if (!stopped) await switches.start(member);
}

type Member = Pick<NodeMember, 'instanceId' | 'queue'>;

/** Stops and starts the members of a node: in their containers where these can wait, else with them. */
class Switches {
  readonly #node: PreparedNode;
  readonly #input: RestoreInput;
  /** Members whose containers wait, or may do so. */
  readonly #held = new Set<string>();
  /** Members that were told to stop. */
  readonly #stopped = new Set<string>();

  constructor(node: PreparedNode, input: RestoreInput) {
    this.#node = node;
    this.#input = input;
  }

  hasStopped({ instanceId }: Member): boolean {
    return this.#stopped.has(instanceId);
  }

  async stop({ instanceId, queue }: Member): Promise<void> {
    this.#stopped.add(instanceId);
    if (patched('restore-holds')) {
      this.#held.add(instanceId);
      if (await stepOn(queue, `hold ${instanceId}`).holdInstance(this.#of(instanceId))) return;
      this.#held.delete(instanceId);
    }
    await this.#setRunning(instanceId, false);
  }

  async start(member: Member): Promise<void> {
    if (await this.#release(member)) await this.#ready(member);
  }

  /** As `start`, but a cancel ends the waiting; false when it did. */
  async letGo(member: Member, waits: boolean): Promise<boolean> {
    const released = await this.#release(member);
    if (!released || !waits) return waits;
    try {
      await untilCanceled(() => this.#ready(member));
      return true;
    } catch (err) {
      if (!isCancellation(err)) throw err;
      return false;
    }
  }

  /** False when it was not held: then it was started. */
  async #release({ instanceId, queue }: Member): Promise<boolean> {
    if (!this.#held.has(instanceId)) {
      await this.#setRunning(instanceId, true);
      return false;
    }
    await carryOn(queue, `let ${instanceId} go on`).releaseInstance(this.#of(instanceId));
    this.#held.delete(instanceId);
    return true;
  }

  async #ready({ instanceId, queue }: Member): Promise<void> {
    const { databaseId, taskId } = this.#node.ref;
    const instance = { ...databaseTaskOf(databaseId, taskId), instanceId };
    await slowStepOn(queue, `wait for ${instanceId}`).awaitReady(instance);
  }

  #of(instanceId: string): PreparedNode['ref'] {
    return { ...this.#node.ref, instanceId };
  }

  /** Starts or stops one instance for good, as far as updates and repairs are concerned. */
  async #setRunning(instanceId: string, run: boolean): Promise<void> {
    const { databaseId, taskId, nodeName, scope } = this.#node.ref;
    const task = databaseTaskOf(databaseId, taskId);
    await control.setStopped({ ...task, instanceId, stopped: !run });
    const only: PlanFocus = { instanceId, nodeName, scope, on: 'container' };
    const plan = { ...task, revision: this.#input.revision, findings: [], unreachable: [], only };
    const { steps } = await controlFor(`what ${run ? 'starting' : 'stopping'} ${instanceId} takes`).planChange(plan);
    await applyPlan({ task, steps });
  }
}
