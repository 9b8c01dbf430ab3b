/** Resolves as soon as it is so. Throws after `ms`, with what it is like then. */
export async function until(holds: () => unknown, ms = 5000, like: () => unknown = () => ''): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not so after ${String(ms)} ms: ${JSON.stringify(like(), replacer)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const replacer = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
