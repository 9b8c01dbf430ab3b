import { DomainError } from '@windlass/resources/errors';
import type { Temporal, WorkflowStart } from '../core/deps.ts';

export interface FakeTemporal extends Temporal {
  readonly started: WorkflowStart[];
  /** What was waited for. */
  readonly executed: WorkflowStart[];
  readonly canceled: string[];
  /** Ids of the workflows that were ended without being asked. */
  readonly terminated: string[];
  /** Ids of the workflows that run now. */
  readonly running: Set<string>;
  /** Every call fails as if Temporal were away. */
  down: boolean;
  /** Why every start is refused for good. */
  refusal?: string;
  /** Whether a worker polls. */
  worker: boolean;
  /** What a workflow that is waited for answers, by type. */
  readonly results: Map<string, unknown>;
}

/** Temporal in memory: remembers what it was asked; workflows run until a test ends them. */
export function createFakeTemporal(): FakeTemporal {
  const fake: FakeTemporal = {
    started: [],
    executed: [],
    canceled: [],
    terminated: [],
    running: new Set(),
    down: false,
    worker: true,
    results: new Map<string, unknown>([['validatePlacement', { problems: [] }]]),
    start: (request) =>
      answer(() => {
        if (fake.refusal !== undefined) throw new DomainError('temporal_refused', fake.refusal);
        if (fake.running.has(request.id)) return 'already_running';
        fake.started.push(request);
        fake.running.add(request.id);
        return 'started';
      }),
    execute: (request) =>
      answer(() => {
        fake.executed.push(request);
        return fake.results.get(request.type) as never;
      }),
    cancel: (id) =>
      answer(() => {
        if (!fake.running.has(id)) return 'not_running';
        fake.canceled.push(id);
        return 'requested';
      }),
    terminate: (id) =>
      answer(() => {
        fake.terminated.push(id);
        fake.running.delete(id);
      }),
    runOf: (id) =>
      answer(() => {
        if (!fake.running.has(id)) return undefined;
        const taskId = fake.started.findLast((request) => request.id === id)?.taskId;
        return { runId: `run of ${taskId ?? 'nothing'}`, ...(taskId !== undefined && { taskId }) };
      }),
    isRunning: (id) => answer(() => fake.running.has(id)),
    hasWorker: () => answer(() => fake.worker),
  };
  const answer = <T>(work: () => T): Promise<T> =>
    fake.down ? Promise.reject(new DomainError('temporal_unavailable')) : new Promise((resolve) => resolve(work()));
  return fake;
}
