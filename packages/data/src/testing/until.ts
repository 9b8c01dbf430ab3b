/** Resolves as soon as it is so. Throws after `ms`, with what it is like then. */
export async function until(holds: () => unknown, ms = 5000, like: () => unknown = () => ''): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not so after ${String(ms)} ms: ${textOf(like())}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Anything, for whoever reads why a test failed. */
export const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one));
