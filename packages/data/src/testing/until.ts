/** Between two looks, ms: a twentieth of what was waited. Who waits for long leaves the machine to what is waited for. */
const pauseAfter = (waitedMs: number): number => Math.min(100, Math.max(5, waitedMs / 20));

/** Resolves as soon as it is so. Throws after `ms`, with what it is like then; without a number it is only no endless wait. */
export async function until(holds: () => unknown, ms = 20_000, like: () => unknown = () => ''): Promise<void> {
  const begun = performance.now();
  while (!(await holds())) {
    const waited = performance.now() - begun;
    if (waited > ms) throw new Error(`not so after ${String(ms)} ms: ${textOf(like())}`);
    await new Promise((resolve) => setTimeout(resolve, pauseAfter(waited)));
  }
}

/** Anything, for whoever reads why a test failed. */
export const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one));
