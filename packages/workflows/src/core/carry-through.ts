import { CancellationScope, CancelledFailure, isCancellation, patched, sleep } from '@temporalio/workflow';

/** What is under way has this long after a cancel: an orderly change of the primary takes about a second. */
const A_MOMENT = '800ms';

/**
 * Carries through what cannot be called back: a cancel lets it come to its end, and is heeded when that takes more than a moment.
 * It then goes on by itself, which `what` says in the log of the task.
 */
export const carryThrough = <T>(what: string, work: () => Promise<T>): Promise<T> => shielded(work, A_MOMENT, what);

/** Within what is carried through: work that a cancel ends at once. */
export const untilCanceled = <T>(work: () => Promise<T>): Promise<T> => shielded(work);

async function shielded<T>(work: () => Promise<T>, patience?: string, what?: string): Promise<T> {
  const outer = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    const inner = new CancellationScope();
    const timer = new CancellationScope();
    let isOver = false;
    const giveUp = async (): Promise<void> => {
      if (isOver || !patched('cancels-are-heeded')) return;
      if (patience !== undefined) await timer.run(() => sleep(patience));
      inner.cancel();
    };
    outer.cancelRequested.catch(() => giveUp().catch(() => undefined));
    try {
      return await inner.run(work);
    } catch (err) {
      if (what === undefined || !isCancellation(err)) throw err;
      throw new CancelledFailure(what, [what]);
    } finally {
      isOver = true;
      timer.cancel();
    }
  });
}

/** What the task still says about a cancel. */
export function saidOf(err: unknown): string | undefined {
  const [said] = err instanceof CancelledFailure ? err.details : [];
  return typeof said === 'string' ? said : undefined;
}
