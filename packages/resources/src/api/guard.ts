import type { Issue } from './issues.ts';

const MAX_DEPTH = 24;
const MAX_VALUES = 20_000;
const MAX_ENTRIES = 2000;
const MAX_CHARACTERS = 2_000_000;
/** Maps with keys of the user's choice: a null in them is a value, not an absent field. */
const FREE_MAPS = new Set(['config', 'postgresql_conf']);

class Refused extends Error {
  readonly issue: Issue;
  constructor(path: readonly PropertyKey[], message: string) {
    super(message);
    this.issue = { path: [...path], message };
  }
}

interface Walk {
  values: number;
  characters: number;
}

function checkText(text: string, path: readonly PropertyKey[], walk: Walk): void {
  if ((walk.characters += text.length) > MAX_CHARACTERS) throw new Refused([], 'the request is too large');
  if (text.includes('\0')) throw new Refused(path, 'must not contain NUL');
  if (/\p{Surrogate}/u.test(text)) throw new Refused(path, 'must be well-formed Unicode');
}

function copyMap(input: object, path: readonly PropertyKey[], walk: Walk, free: boolean): object {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(input)) {
    checkText(key, path, walk);
    if (key === '__proto__') throw new Refused([...path, key], 'this name is not allowed');
    if (value === null && !free) continue;
    copy[key] = copyValue(value, [...path, key], walk, free || FREE_MAPS.has(key));
  }
  return copy;
}

function copyValue(input: unknown, path: readonly PropertyKey[], walk: Walk, free: boolean): unknown {
  if (path.length > MAX_DEPTH) throw new Refused(path.slice(0, 4), 'is nested too deeply');
  if (++walk.values > MAX_VALUES) throw new Refused([], 'the request has too many values');
  if (typeof input === 'string') checkText(input, path, walk);
  if (typeof input !== 'object' || input === null) return input;
  const entries = Array.isArray(input) ? input.length : Object.keys(input).length;
  if (entries > MAX_ENTRIES) throw new Refused(path, 'has too many entries');
  if (Array.isArray(input)) return input.map((item, i) => copyValue(item, [...path, i], walk, free));
  return copyMap(input, path, walk, free);
}

/**
 * A copy of parsed JSON that is safe to look at: not deep, not huge, no NUL, no half characters, no `__proto__`;
 * fields that are null are left out, as the wire contract has it.
 */
export function guard(input: unknown): { readonly value: unknown } | { readonly issue: Issue } {
  try {
    return { value: copyValue(input, [], { values: 0, characters: 0 }, false) };
  } catch (err) {
    if (err instanceof Refused) return { issue: err.issue };
    throw err;
  }
}
