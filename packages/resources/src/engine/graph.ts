/** Keys in an order in which everything comes after what it depends on; ties broken by key. Throws on a cycle. */
export function topologicalOrder(
  keys: readonly string[],
  dependenciesOf: (key: string) => readonly string[],
): string[] {
  const known = new Set(keys);
  const waiting = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const key of known) {
    const dependencies = new Set(dependenciesOf(key).filter((d) => known.has(d)));
    waiting.set(key, dependencies.size);
    for (const d of dependencies) {
      const list = dependents.get(d);
      if (list) list.push(key);
      else dependents.set(d, [key]);
    }
  }
  const order: string[] = [];
  let ready = [...known].filter((key) => waiting.get(key) === 0).sort();
  while (ready.length > 0) {
    const next: string[] = [];
    for (const key of ready) {
      order.push(key);
      for (const dependent of dependents.get(key) ?? []) {
        const left = (waiting.get(dependent) ?? 0) - 1;
        waiting.set(dependent, left);
        if (left === 0) next.push(dependent);
      }
    }
    ready = next.sort();
  }
  if (order.length < known.size) {
    const stuck = [...known].filter((key) => (waiting.get(key) ?? 0) > 0).sort();
    throw new Error(`the dependencies of these resources form a cycle: ${stuck.join(', ')}`);
  }
  return order;
}
