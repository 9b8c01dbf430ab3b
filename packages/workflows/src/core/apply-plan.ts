import { ApplicationFailure, setCurrentDetails, sleep, TimeoutFailure } from '@temporalio/workflow';
import type { PlacedStep } from '@windlass/activities';
import { refKey } from '@windlass/resources/plan';
import type { TaskRef } from './as-task.ts';
import { controlFor, slowStepOn, stepOn } from './proxies.ts';
import { wasCanceled } from './was-canceled.ts';

export interface ApplyPlanInput {
  readonly task: TaskRef;
  readonly steps: readonly PlacedStep[];
}

/** So often a step looks again for the primary. */
const FOLLOWS_PRIMARY = 20;

type Ended = 'done' | 'failed' | 'skipped';

/** Walks the graph: a step starts when its own dependencies are done; a failed step stops only what depends on it. */
export async function applyPlan({ task, steps }: ApplyPlanInput): Promise<void> {
  const board = new Board(steps);
  const ends: Promise<Ended>[] = [];
  const failures: unknown[] = [];
  const run = async (step: PlacedStep): Promise<Ended> => {
    if (!(await mayBegin(step, ends))) return 'skipped';
    const label = `${step.action} ${refKey(step.ref)}`;
    board.begin(label);
    try {
      await perform(task, step, label);
      return 'done';
    } catch (err) {
      if (wasCanceled(err)) throw err;
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

/** A step whose place is the primary follows it: another member may take over at any moment. */
async function perform(task: TaskRef, step: PlacedStep, label: string): Promise<void> {
  for (let moved = 0; ; moved += 1) {
    const queue = step.queue ?? (await controlFor(`where to ${label}`).placeStep({ ...task, executor: step.executor }));
    try {
      const at = step.slow ? slowStepOn : stepOn;
      await at(queue, label).applyStep({ ...task, step: toStep(step) });
      return;
    } catch (err) {
      if (rootCause(err).type !== 'primary_moved' || moved === FOLLOWS_PRIMARY) throw err;
      await sleep('200ms');
    }
  }
}

/** Everything it needs is done; of alternatives, one. */
async function mayBegin(step: PlacedStep, ends: readonly Promise<Ended>[]): Promise<boolean> {
  const done = async (positions: readonly number[]): Promise<boolean> =>
    (await Promise.all(ends.filter((_end, i) => positions.includes(i)))).every((end) => end === 'done');
  const groups = (step.afterAny ?? []).map((alternatives) => firstTrue(alternatives.map(done)));
  return (await Promise.all([done(step.after), ...groups])).every(Boolean);
}

/** True as soon as one of them is; false when none is. */
async function firstTrue(questions: readonly Promise<boolean>[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    for (const question of questions) question.then((yes) => yes && resolve(true), reject);
    void Promise.all(questions).then((answers) => resolve(answers.includes(true)), reject);
  });
}

function toStep({ queue: _queue, slow: _slow, ...step }: PlacedStep): Omit<PlacedStep, 'queue' | 'slow'> {
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

/**
 * What the kind said, without Temporal's wrapping: the innermost message and the name of the error. A step whose attempts
 * took all of its time failed for the reason of the last one, not because its host was away.
 */
export function rootCause(err: unknown): { readonly message: string; readonly type: string } {
  let found = { message: 'unknown error', type: 'server_error' };
  for (let e: unknown = err; e instanceof Error; e = e.cause) {
    if (e instanceof ApplicationFailure) return { message: e.message, type: e.type ?? 'server_error' };
    if (
      e instanceof TimeoutFailure &&
      !(e.timeoutType === 'SCHEDULE_TO_CLOSE' && e.cause instanceof ApplicationFailure)
    )
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
    const head = `${String(this.#done)} of ${String(this.#total)} steps done`;
    setCurrentDetails(lines.length > 0 ? [head, '', ...lines].join('\n') : head); // Markdown: a list follows an empty line
  }
}
