import { ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import type { BackupRequest, DatabaseTask, StandbyInput } from '@windlass/activities';
import { rootCause } from '../core/apply-plan.ts';
import type { AtPrimary } from './at-primary.ts';
import { queueOf } from './hand-over.ts';
import { moveOn } from '../core/proxies.ts';
import { wasCanceled } from '../core/was-canceled.ts';

interface Placed {
  readonly queue: string;
  readonly standby: StandbyInput;
}

/** Does `work` while a standby lets the primary copy from it, when that is wanted; however the work ends, that ends with it. */
export async function fromStandby(
  task: DatabaseTask,
  primary: AtPrimary,
  wanted: BackupRequest['standby'],
  work: (standby?: string) => Promise<void>,
): Promise<void> {
  if (wanted === undefined) return work();
  const reasons: string[] = [];
  for (const placed of await standbysOf(task, primary)) {
    try {
      const refusal = await open(placed);
      if (refusal === undefined) return await work(placed.standby.instanceId);
      reasons.push(refusal);
    } finally {
      await close(placed);
    }
  }
  if (wanted === 'preferred') return work();
  const why = reasons.length > 0 ? reasons.join('; ') : 'no replica streams from the primary';
  throw ApplicationFailure.nonRetryable(`'${primary.scope}' has no healthy standby: ${why}`, 'operation_refused');
}

/** The least behind first. */
async function standbysOf(task: DatabaseTask, { instanceId, scope, queue, node }: AtPrimary) {
  const ask = moveOn(queue, 'which standbys are healthy');
  const found = await ask.findStandbys({ databaseId: task.databaseId, primary: instanceId });
  return found.flatMap((name): Placed[] => {
    const at = queueOf(node, name);
    const standby = { ...task, instanceId: name, scope, primary: instanceId };
    return at === undefined ? [] : [{ queue: at, standby }];
  });
}

/** Gives why it cannot be copied from. */
async function open({ queue, standby }: Placed): Promise<string | undefined> {
  try {
    await moveOn(queue, `let the primary copy from ${standby.instanceId}`).openStandby(standby);
    return undefined;
  } catch (err) {
    if (wasCanceled(err)) throw err;
    return `'${standby.instanceId}': ${rootCause(err).message}`;
  }
}

/** A server that its host does not end now idles until the next backup from there, or until its container starts again. */
const close = ({ queue, standby }: Placed): Promise<void> =>
  CancellationScope.nonCancellable(() =>
    moveOn(queue, `end copying from ${standby.instanceId}`)
      .closeStandby(standby)
      .catch(() => undefined),
  );
