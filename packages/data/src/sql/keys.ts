import { createHash } from 'node:crypto';

/** How the one text of equal values of a type is made: `exact` has one anyhow. */
export type KeyKind = 'exact' | 'numeric' | 'float' | 'padded' | 'folded';

/** Texts as the database writes them in lower case. */
export type Folded = ReadonlyMap<string, string>;

function oneText(kind: KeyKind, text: string, folded: Folded): string {
  if (kind === 'numeric') return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  if (kind === 'float') return text === '-0' ? '0' : text;
  if (kind === 'padded') return text.replace(/ +$/, '');
  return kind === 'folded' ? (folded.get(text) ?? text.toLowerCase()) : text;
}

/** Only the database knows how it writes other letters in lower case. */
export const needsFolding = (text: string): boolean => /[\u0080-\uffff]/.test(text);

const NONE: Folded = new Map();

/** The values of a key, each as the one text that all equal values have. */
export const keyTexts = (
  kinds: readonly (KeyKind | null)[],
  values: readonly (string | null)[],
  folded: Folded = NONE,
): (string | null)[] => values.map((value, i) => (value === null ? null : oneText(kinds[i] ?? 'exact', value, folded)));

/** A longer key is kept as its hash, in bytes. */
const MOST_BYTES = 2000;

/** As `windlass.short_key`. */
export function shortKey(key: string): string {
  if (key.length * 3 <= MOST_BYTES || Buffer.byteLength(key) <= MOST_BYTES) return key;
  return `#${createHash('sha256').update(key, 'utf8').digest('hex')}`;
}
