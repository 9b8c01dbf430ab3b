import { randomUUID } from 'node:crypto';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { bundlePath } from './bundle-path.ts';
import { dataConverter } from './data-converter.ts';
import { createFakeActivities, type Call, type Script } from './fake-activities.ts';
import { startTemporalServer } from './temporal-server.ts';

export interface Flow {
  readonly databaseId: string;
  readonly calls: readonly Call[];
  readonly handle: WorkflowHandleWithFirstExecutionRunId;
  /** `applyStep create kind::id`, `finishTask`, … in the order in which they began (and `applied` when one succeeded). */
  names(): string[];
  /** The input of the first call of this activity. */
  inputOf(activity: Call['activity']): Record<string, unknown>;
}

/** A Temporal server, a control worker and the workers of two hosts; `host.away` has none. */
export interface Rig {
  readonly temporal: TestWorkflowEnvironment;
  start(workflow: string, script: Script, input?: Record<string, unknown>): Promise<Flow>;
  /** The same where the input tells the id of the flow otherwise. */
  startNamed(workflow: string, script: Script, input: (id: string) => Record<string, unknown>): Promise<Flow>;
  close(): Promise<void>;
}

/** `codePath` is another bundle than that of the workflows. */
export async function openRig(codePath = bundlePath()): Promise<Rig> {
  const temporal = await startTemporalServer();
  const flows = new Map<string, { script: Script; calls: Call[] }>();
  const activities = createFakeActivities((databaseId) => {
    const flow = flows.get(databaseId);
    if (!flow) throw new Error(`no script for database '${databaseId}'`);
    return flow;
  });
  const { nativeConnection: connection } = temporal;
  const common = { connection, activities, dataConverter, maxHeartbeatThrottleInterval: '50ms' } as const;
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue: 'control', workflowBundle: { codePath } }),
    Worker.create({ ...common, taskQueue: 'host.h1' }),
    Worker.create({ ...common, taskQueue: 'host.h2' }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  const startNamed: Rig['startNamed'] = async (workflow, script, input) => {
    const databaseId = randomUUID();
    const flow = { script, calls: [] as Call[] };
    flows.set(databaseId, flow);
    const handle = await temporal.client.workflow.start(workflow, {
      taskQueue: 'control',
      workflowId: `database/${databaseId}`,
      args: [{ taskId: 'task-1', ...input(databaseId) }],
    });
    return { databaseId, calls: flow.calls, handle, ...views(flow.calls) };
  };
  return {
    temporal,
    startNamed,
    start: (workflow, script, input = {}) => startNamed(workflow, script, (databaseId) => ({ databaseId, ...input })),
    close: async () => {
      workers.forEach((worker) => worker.shutdown());
      await running;
      await temporal.teardown();
    },
  };
}

const views = (calls: readonly Call[]) => ({
  names: () => calls.map(({ activity, label }) => (label === undefined ? activity : `${activity} ${label}`)),
  inputOf: (activity: Call['activity']) => {
    const call = calls.find((c) => c.activity === activity);
    if (!call) throw new Error(`${activity} was not called`);
    return call.input as Record<string, unknown>;
  },
});
