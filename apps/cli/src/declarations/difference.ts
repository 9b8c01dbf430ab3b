import { isObject } from '@windlass/client/json';

/** One field that differs. */
export interface Change {
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** Names of fields that a server takes and never shows: nobody can tell whether they differ. */
export function secretNames(document: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(look);
    if (!isObject(value)) return;
    for (const [name, one] of Object.entries(value)) {
      if (isObject(one) && one['writeOnly'] === true) found.add(name);
      look(one);
    }
  };
  look(document);
  return found;
}

/** What is declared and is not so. What a declaration leaves out is the server's choice and is no difference. */
export function differences(is: unknown, wanted: unknown, secret: ReadonlySet<string>, path = ''): readonly Change[] {
  if (isObject(wanted))
    return Object.entries(wanted).flatMap(([name, one]) => {
      const where = path === '' ? name : `${path}.${name}`;
      if (secret.has(name)) return [];
      return differences(isObject(is) ? is[name] : undefined, one, secret, where);
    });
  if (Array.isArray(wanted) && Array.isArray(is)) {
    const length = Math.max(wanted.length, is.length);
    return Array.from({ length }, (_, i) => [i, is[i] as unknown, wanted[i] as unknown] as const).flatMap(
      ([i, from, to]) =>
        to === undefined
          ? [{ path: `${path}[${String(i)}]`, from }]
          : differences(from, to, secret, `${path}[${String(i)}]`),
    );
  }
  if (JSON.stringify(is) === JSON.stringify(wanted)) return [];
  return [{ path, ...(is !== undefined && { from: is }), to: wanted }];
}
