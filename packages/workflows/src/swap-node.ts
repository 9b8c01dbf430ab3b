import { patched } from '@temporalio/workflow';
import type { NodeMember } from '@windlass/activities';
import { applyPlan } from './apply-plan.ts';
import { leadingNode } from './leading-node.ts';
import { sampleAll } from './operate.ts';
import { carryOn, control, controlFor, slowStepOn, stepOn } from './proxies.ts';
import type { PreparedNode, RestoreInput } from './restore-database.ts';

/**
 * Stops a node, puts the copy in the place of its data and starts it again: the restored instance first, which takes writes
 * before the data of any replica goes. When it does not, all of it is what it was.
 */
export async function swapNode(node: PreparedNode, input: RestoreInput, end: { untouched: boolean }): Promise<void> {
  const { ref, site } = node;
  const { databaseId, nodeName, instanceId } = ref;
  const members = await leadingNode(node);
  const replicas = members.filter((m) => m.instanceId !== instanceId);
  const running = replicas.filter((m) => !m.stopped);
  const switches = new Switches(node, input);
  try {
    for (const member of running) await switches.stop(member);
    await switches.stop(site);
    const at = new Date(Date.now()).toISOString();
    await carryOn(site.queue, `swap the data of ${instanceId}`).swapData(ref);
    await switches.start(site);
    end.untouched = false;
    const note = { ...ref, at, keepHours: input.keepHours };
    await carryOn(site.queue, `note what ${nodeName} ran with before`).noteSwap(note);
  } catch (err) {
    if (end.untouched) await goBack(node, switches, running);
    throw err;
  }
  for (const member of replicas) await rebuild(node, switches, member);
  await carryOn(site.queue, `see that the backups of ${nodeName} go on`).resumeBackups(ref);
  await sampleAll(databaseId, members.map((m) => m.queue)); // prettier-ignore
}

/** Everybody runs again with the data they had. */
async function goBack({ ref, site }: PreparedNode, switches: Switches, running: readonly NodeMember[]): Promise<void> {
  await switches.stop(site);
  await carryOn(site.queue, `put the former data of ${ref.instanceId} back`).swapDataBack(ref);
  await switches.start(site);
  for (const member of running) await switches.start(member);
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

  constructor(node: PreparedNode, input: RestoreInput) {
    this.#node = node;
    this.#input = input;
  }

  async stop({ instanceId, queue }: Member): Promise<void> {
    if (patched('restore-holds')) {
      this.#held.add(instanceId);
      if (await stepOn(queue, `hold ${instanceId}`).holdInstance(this.#of(instanceId))) return;
      this.#held.delete(instanceId);
    }
    await this.#setRunning(instanceId, false);
  }

  async start({ instanceId, queue }: Member): Promise<void> {
    if (!this.#held.has(instanceId)) return this.#setRunning(instanceId, true);
    await carryOn(queue, `let ${instanceId} go on`).releaseInstance(this.#of(instanceId));
    const { databaseId, taskId } = this.#node.ref;
    await slowStepOn(queue, `wait for ${instanceId}`).awaitReady({ databaseId, taskId, instanceId });
    this.#held.delete(instanceId);
  }

  #of(instanceId: string): PreparedNode['ref'] {
    return { ...this.#node.ref, instanceId };
  }

  /** Starts or stops one instance for good, as far as updates and repairs are concerned. */
  async #setRunning(instanceId: string, run: boolean): Promise<void> {
    const { databaseId, taskId, nodeName, scope } = this.#node.ref;
    await control.setStopped({ databaseId, taskId, instanceId, stopped: !run });
    const only = { instanceId, nodeName, scope, on: 'container' as const };
    const plan = { databaseId, taskId, revision: this.#input.revision, findings: [], unreachable: [], only };
    const { steps } = await controlFor(`what ${run ? 'starting' : 'stopping'} ${instanceId} takes`).planChange(plan);
    await applyPlan({ databaseId, taskId, steps });
  }
}
