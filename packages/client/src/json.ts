// By itself as `@windlass/client/json`: for those who have no time to load the rest.
/** An object of JSON whose fields are not known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Text of a field; `undefined` for whatever else it is. */
export function textOf(value: unknown, field: string): string | undefined {
  const found = isObject(value) ? value[field] : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** Objects of a list in a field. */
export function objectsOf(value: unknown, field: string): readonly JsonObject[] {
  const found: unknown = isObject(value) ? value[field] : undefined;
  return Array.isArray(found) ? found.filter(isObject) : [];
}
