import type { Run, Step } from '@windlass/resources/engine';
import type { ActivityDeps } from '../../core/deps.ts';
import { own } from '../../core/own.ts';
import { logOf, type NodeRestore } from './restore-facts.ts';

/** A step of a restore under the task's fence. Tests stop the process before it and when its work is done. */
export async function restoreStep<T>(
  deps: ActivityDeps,
  name: string,
  input: NodeRestore,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const step: Step = {
    action: 'update',
    ref: { kind: `restore.${name}`, id: input.instanceId },
    reason: 'requested',
    fields: [],
    executor: { on: 'host', hostId: deps.clients.host.hostId },
    after: [],
  };
  const hooked = async (run: Run): Promise<T> => {
    await deps.hook?.('recorded', step);
    const result = await work(run);
    await deps.hook?.('done', step);
    return result;
  };
  return own(deps, input, hooked, logOf(input));
}
