import { ApplicationFailure, isCancellation, setCurrentDetails, TimeoutFailure } from '@temporalio/workflow';
import type { PlacedStep } from '@windlass/activities';
import { refKey } from '@windlass/resources/plan';
import { control, stepOn } from './proxies.ts';

export interface ApplyPlanInput {
  readonly databaseId: string;
  readonly taskId: string;
  readonly steps: readonly PlacedStep[];
}

type Ended = 'done' | 'failed' | 'skipped';

/** Walks the graph: a step starts when its own dependencies are done; a failed step stops only what depends on it. */
export async function applyPlan({ databaseId, taskId, steps }: ApplyPlanInput): Promise<void> {
  const board = new Board(steps);
  const ends: Promise<Ended>[] = [];
  const failures: unknown[] = [];
  const run = async (step: PlacedStep): Promise<Ended> => {
    const before = await Promise.all(ends.filter((_end, i) => step.after.includes(i)));
    if (before.some((end) => end !== 'done')) return 'skipped';
    const label = `${step.action} ${refKey(step.ref)}`;
    board.begin(label);
    try {
      const queue = step.queue ?? (await control.placeStep({ databaseId, executor: step.executor }));
      await stepOn(queue, label).applyStep({ databaseId, taskId, step: toStep(step) });
      return 'done';
    } catch (err) {
      if (isCancellation(err)) throw err;
      failures.push(err);
      return 'failed';
    } finally {
      board.end(label);
    }
  };
  for (const step of steps) ends.push(run(step));
  const results = await Promise.allSettled(ends);
  const canceled = results.find((r) => r.status === 'rejected');
  if (canceled) throw canceled.reason;
  if (failures.length > 0) throw asOne(failures);
}

function toStep({ queue: _queue, ...step }: PlacedStep): Omit<PlacedStep, 'queue'> {
  return step;
}

/** One failure is passed on as it is; several become one with a readable line. */
function asOne(failures: readonly unknown[]): unknown {
  if (failures.length === 1) return failures[0];
  const first = rootCause(failures[0]).message;
  return ApplicationFailure.nonRetryable(
    `${String(failures.length)} steps failed; the first: ${first}`,
    'steps_failed',
  );
}

/** What the kind said, without Temporal's wrapping: the innermost message and the name of the error. */
export function rootCause(err: unknown): { readonly message: string; readonly type: string } {
  let found = { message: 'unknown error', type: 'server_error' };
  for (let e: unknown = err; e instanceof Error; e = e.cause) {
    if (e instanceof ApplicationFailure) return { message: e.message, type: e.type ?? 'server_error' };
    if (e instanceof TimeoutFailure)
      return { message: `the host did not answer in time (${e.timeoutType})`, type: 'host_unreachable' };
    found = { ...found, message: e.message };
  }
  return found;
}

/** Shows in Temporal's UI what is running now. */
class Board {
  readonly #running = new Set<string>();
  readonly #total: number;
  #done = 0;

  constructor(steps: readonly unknown[]) {
    this.#total = steps.length;
  }

  begin(label: string): void {
    this.#running.add(label);
    this.#show();
  }

  end(label: string): void {
    this.#running.delete(label);
    this.#done += 1;
    this.#show();
  }

  #show(): void {
    const lines = [...this.#running].map((label) => `- ${label}`);
    setCurrentDetails([`${String(this.#done)} of ${String(this.#total)} steps done`, ...lines].join('\n'));
  }
}
