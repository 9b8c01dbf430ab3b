/**
 * Does it again and again, the first time after `pauseMs(undefined)`: each time so long after the last one has ended as `pauseMs` says of what that one
 * gave, or of nothing where it failed, which is told. The answer stops it: what is under way ends, and nothing follows.
 */
export function repeat<T>(
  work: () => Promise<T>,
  pauseMs: (last: T | undefined) => number,
  onError: (err: unknown) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const next = (last?: T): void => {
    if (!isStopped) timer = setTimeout(() => void work().catch(told).then(next), pauseMs(last));
  };
  const told = (err: unknown): undefined => void onError(err);
  next();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
