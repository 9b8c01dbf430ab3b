import { CancellationScope, isCancellation } from '@temporalio/workflow';

/**
 * Whether work ended because it was canceled: after a cancel that is so whatever the work says. A step cannot always tell: its
 * connection was taken away under it, or its worker died, and then it times out, because nobody begins it once more.
 */
export function wasCanceled(err: unknown): boolean {
  return isCancellation(err) || CancellationScope.current().consideredCancelled;
}
