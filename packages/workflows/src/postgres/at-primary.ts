import { ApplicationFailure, sleep } from '@temporalio/workflow';
import type { NodeFacts } from '@windlass/activities';
import { rootCause } from '../core/apply-plan.ts';
import { queueOf } from './hand-over.ts';
import { controlFor } from '../core/proxies.ts';
import { wasCanceled } from '../core/was-canceled.ts';

export interface AtPrimary {
  readonly instanceId: string;
  /** Patroni's name for the node. */
  readonly scope: string;
  /** The queue of its host. */
  readonly queue: string;
  readonly node: NodeFacts;
}

/** So often the primary is looked for again, once a second: longer than the lease of a dead one lasts. */
const FOLLOWS_PRIMARY = 45;

/** Does `work` where the node's primary is; when another member takes over meanwhile, once more there. */
export async function atPrimary<T>(
  input: { readonly databaseId: string; readonly nodeName: string },
  work: (primary: AtPrimary) => Promise<T>,
  follows = FOLLOWS_PRIMARY,
): Promise<T> {
  const { databaseId, nodeName } = input;
  for (let moved = 0; ; moved += 1) {
    const node = await controlFor(`who is the primary of ${nodeName}`).findNode({ databaseId, nodeName });
    const { leader, scope } = node;
    const queue = queueOf(node, leader);
    try {
      if (leader === undefined || queue === undefined)
        throw ApplicationFailure.nonRetryable(`'${scope}' has no primary at the moment`, 'no_primary');
      return await work({ instanceId: leader, scope, queue, node });
    } catch (err) {
      if (wasCanceled(err) || !MOVES.has(rootCause(err).type) || moved === follows) throw err;
      await sleep('1s');
    }
  }
}

/** What an operation ends with when the primary it went to is the primary no more. */
const MOVES: ReadonlySet<string> = new Set(['primary_moved', 'no_primary', 'postgres_unavailable', 'host_unreachable']);
