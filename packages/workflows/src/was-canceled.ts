import { CancellationScope, isCancellation, TimeoutFailure } from '@temporalio/workflow';

/**
 * Whether work ended because it was canceled. The step of a worker that dies after the cancel cannot say so: nobody begins it
 * once more, and it times out.
 */
export function wasCanceled(err: unknown): boolean {
  if (isCancellation(err)) return true;
  if (!CancellationScope.current().consideredCancelled) return false;
  for (let e: unknown = err; e instanceof Error; e = e.cause) if (e instanceof TimeoutFailure) return true;
  return false;
}
