import { DomainError } from '@windlass/resources/errors';
import { Identifier, ID_TEXT } from '@windlass/resources/api';
import { WireError } from './wire-error.ts';

const HEX = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const UUID_FORMS = [`(${HEX})`, `urn:uuid:(${HEX})`, `\\{(${HEX})\\}`, '([0-9a-f]{32})'].map(
  (f) => new RegExp(`^${f}$`, 'i'),
);

/** The canonical form of a UUID given in any of its four: with or without hyphens, in braces, as a URN. */
export function parseUuid(text: string): string | undefined {
  const found = UUID_FORMS.map((form) => form.exec(text)?.[1]).find((part) => part !== undefined);
  const hex = found?.replaceAll('-', '').toLowerCase();
  return hex?.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A UUID in its canonical form; `invalid_format` for anything else. */
export function toUuid(text: string, name: string): string {
  const uuid = parseUuid(text);
  if (uuid !== undefined) return uuid;
  throw new WireError(
    'invalid_format',
    `${name} must be formatted as a uuid but got value "${text.slice(0, 64)}", invalid UUID`,
  );
}

/** An id as users choose them; `invalid_input` for anything else. */
export function toId(text: string, name: string): string {
  if (!Identifier.safeParse(text).success) throw new DomainError('invalid_input', `${name}: ${ID_TEXT}`);
  return text;
}

/** An id that may be looked for in the store, whatever its form; `invalid_input` for what can be no part of a key there. */
export function toPart(text: string, name: string): string {
  if (text !== '' && !text.includes('/')) return text;
  throw new DomainError('invalid_input', `${name}: must be a name without "/"`);
}
