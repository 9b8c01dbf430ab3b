import { ApplicationFailure, sleep } from '@temporalio/workflow';
import type { NodeFacts, NodeMember } from '@windlass/activities';
import { rootCause } from '../core/apply-plan.ts';
import { handOver } from './hand-over.ts';
import { databaseTaskOf } from './database-task.ts';
import { sampleAll } from './sample-all.ts';
import { control } from '../core/proxies.ts';
import type { PreparedNode } from './restore-database.ts';

/** So often, once a second, it is tried again: who died as the primary follows the new one after some seconds only. */
const BACK_IN_LINE = 60;

/** The node's members, the instance with the copy as the leader, all of their hosts at hand: nobody may take over meanwhile. */
export async function leadingNode({ ref, site }: PreparedNode): Promise<readonly NodeMember[]> {
  const { databaseId, nodeName } = ref;
  const now = await control.findNode({ databaseId, nodeName });
  const away = await sampleAll(databaseId, now.members.map((m) => m.queue)); // prettier-ignore
  if (away.length > 0) {
    const who = now.members.filter((m) => away.includes(m.queue)).map((m) => `'${m.instanceId}'`);
    const why = `the host of ${who.join(', ')} does not answer: it could go on with the former data`;
    throw ApplicationFailure.nonRetryable(why, 'host_unreachable');
  }
  if (site.leader !== undefined && now.members.length > 1) await takeTheLead(ref, now);
  return now.members;
}

async function takeTheLead({ databaseId, taskId, nodeName, instanceId }: PreparedNode['ref'], first: NodeFacts) {
  let node = first;
  for (let tries = 1; node.leader !== instanceId; tries += 1) {
    try {
      await handOver(databaseTaskOf(databaseId, taskId), node, instanceId, { nobodyElse: true });
      return;
    } catch (err) {
      if (!NOT_YET.has(rootCause(err).type) || tries === BACK_IN_LINE) throw err;
    }
    await sleep('1s');
    node = await control.findNode({ databaseId, nodeName });
  }
}

/** What is said while there is no primary, and while the instance does not follow it. */
const NOT_YET: ReadonlySet<string> = new Set(['operation_refused', 'patroni_unavailable', 'postgres_unavailable']);
