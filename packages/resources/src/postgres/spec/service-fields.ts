export type Config = Readonly<Record<string, unknown>>;
type Type = 'string' | 'boolean' | 'number' | 'integer';

const fits: Record<Type, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isSafeInteger(value),
};

const quote = (key: string): string => `"${key.slice(0, 64)}"`;
export const isMap = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The keys that are not known, in one message. */
export function unknownKeys(config: Config, known: readonly string[]): string[] {
  const keys = Object.keys(config)
    .filter((key) => !known.includes(key))
    .sort()
    .slice(0, 20);
  if (keys.length === 0) return [];
  return [
    keys.length === 1 ? `unknown config key ${quote(keys[0]!)}` : `unknown config keys: ${keys.map(quote).join(', ')}`,
  ];
}

/** Types of the keys that are given; a text that is given is not empty. */
export function typeRules(config: Config, types: Readonly<Record<string, Type>>, prefix = ''): string[] {
  return Object.entries(types).flatMap(([key, type]) => {
    if (!Object.hasOwn(config, key)) return [];
    if (!fits[type](config[key])) return [`${prefix}${key} must be ${type === 'integer' ? 'an' : 'a'} ${type}`];
    return config[key] === '' ? [`${prefix}${key} must not be empty`] : [];
  });
}

/** `<key> is required` for each that is absent. */
export function requiredKeys(config: Config, keys: readonly string[], why = '', prefix = ''): string[] {
  return keys.filter((key) => !Object.hasOwn(config, key)).map((key) => `${prefix}${key} is required${why}`);
}

/** A text that must be one of a few. */
export function oneOf(config: Config, key: string, values: readonly string[], prefix = ''): string[] {
  const value = config[key];
  return typeof value !== 'string' || value === '' || values.includes(value)
    ? []
    : [`${prefix}${key} must be one of: ${values.join(', ')}`];
}

/** A number that must lie in a range. */
export function between(config: Config, key: string, min: number, max: number, prefix = ''): string[] {
  const value = config[key];
  return typeof value !== 'number' || (value >= min && value <= max)
    ? []
    : [`${prefix}${key} must be between ${min} and ${max}`];
}

/** A number that must be above zero. */
export function positive(config: Config, key: string, prefix = ''): string[] {
  const value = config[key];
  return typeof value !== 'number' || value > 0 ? [] : [`${prefix}${key} must be greater than 0`];
}
