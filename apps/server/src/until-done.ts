const RETRY_MS = 5000;

/** Tries until it is done, and tells why it is not, once. The answer stops it, also in the middle of an attempt. */
export function untilDone(work: () => Promise<void>, tell: (err: unknown) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let [told, stopped] = [false, false];
  const attempt = (): void =>
    void work().catch((err: unknown) => {
      if (stopped) return;
      if (!told) tell(err);
      told = true;
      timer = setTimeout(attempt, RETRY_MS);
    });
  attempt();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
