import { LOOK_ROLE, REPLICATOR_ROLE } from './own-sessions.ts';
import { isReservedRole } from './primitives.ts';

/** One item of a field; a quoted one has no special meaning. */
export interface AuthToken {
  readonly text: string;
  readonly quoted: boolean;
}
export type AuthField = readonly AuthToken[];

/** A line that cannot be used. The message is the reason alone. */
export class AuthLineError extends Error {
  override readonly name = 'AuthLineError';
}

const MAX_LINE = 4096;
const isBlank = (c: string): boolean => c === ' ' || c === '\t';

function checkLine(line: string): void {
  if (/[\0\r\n\v\f\u0085\u2028\u2029]/.test(line)) throw new AuthLineError('must not contain a line break or NUL');
  if (line.length > MAX_LINE) throw new AuthLineError(`must be at most ${MAX_LINE} characters long`);
  if (line.endsWith('\\')) throw new AuthLineError('must not end with a backslash, which would swallow the next line');
}

interface Cursor {
  readonly line: string;
  at: number;
}

function readToken(cursor: Cursor): { token: AuthToken; comma: boolean } | undefined {
  const { line } = cursor;
  while (cursor.at < line.length && (isBlank(line[cursor.at]!) || line[cursor.at] === ',')) cursor.at++;
  let [text, inQuote, wasQuote, quoted, sawQuote, comma] = ['', false, false, false, false, false];
  for (; cursor.at < line.length; cursor.at++) {
    const c = line[cursor.at]!;
    if (!inQuote && isBlank(c)) break;
    if (!inQuote && c === '#') cursor.at = line.length;
    if (!inQuote && c === '#') break;
    if (!inQuote && c === ',') {
      comma = true;
      cursor.at++;
      break;
    }
    if (c !== '"' || wasQuote) text += c;
    wasQuote = inQuote && c === '"' ? !wasQuote : false;
    if (c === '"') {
      quoted ||= text === '';
      sawQuote = true;
      inQuote = !inQuote;
    }
  }
  if (inQuote) throw new AuthLineError('unterminated quoted string');
  return sawQuote || text !== '' ? { token: { text, quoted }, comma } : undefined;
}

function readField(cursor: Cursor): AuthField | undefined {
  const field: AuthToken[] = [];
  for (;;) {
    const next = readToken(cursor);
    if (next === undefined) return field.length > 0 ? field : undefined;
    field.push(next.token);
    if (!next.comma) return field;
  }
}

/** The fields of a line as Postgres reads them (lists, quotes, comments). Throws `AuthLineError`. */
export function tokenizeAuthLine(line: string): AuthField[] {
  checkLine(line);
  const cursor: Cursor = { line, at: 0 };
  const fields: AuthField[] = [];
  for (let field = readField(cursor); field !== undefined; field = readField(cursor)) fields.push(field);
  return fields;
}

/** The only item of a field; a list is refused. */
export function single(field: AuthField | undefined, what: string): AuthToken {
  const [token, ...more] = field ?? [];
  if (token === undefined || more.length > 0) throw new AuthLineError(`${what} must be a single value`);
  return token;
}

/**
 * A name that starts with "/" is a regular expression, quoted or not; one that Postgres cannot compile keeps it from
 * starting. Accepted is what JavaScript's and Postgres's dialects have in common.
 */
function checkPattern(text: string): void {
  const pattern = text.slice(1);
  const refuse = (): never => {
    throw new AuthLineError(`"${text}" is not a regular expression that can be used here`);
  };
  const counts = [...pattern.matchAll(/\{(\d*),?(\d*)\}/g)];
  const special = /\(\?|\*\*\*|\\[^dsw\W_]|\[[[:.=]/.test(pattern);
  if (
    pattern === '' ||
    special ||
    counts.length > 1 ||
    counts.some(([, min, max]) => Math.max(Number(min), Number(max)) > 255)
  )
    refuse();
  try {
    new RegExp(pattern, 'u');
  } catch {
    refuse();
  }
}

/** Refuses files, roles of the control plane and groups with them, and patterns that do not compile. */
export function checkNames(field: AuthField, what: string): void {
  for (const { text, quoted } of field) {
    if (text === '') throw new AuthLineError(`${what} must not be empty`);
    if (!quoted && text.startsWith('@')) throw new AuthLineError(`${what} must not be read from a file`);
    const role = quoted ? text : text.replace(/^\+/, '');
    const reserved =
      role === 'windlass' ||
      role === LOOK_ROLE ||
      role === REPLICATOR_ROLE ||
      role === 'patroni_replicator' ||
      role === 'patroni_rewind' ||
      (what === 'role' && isReservedRole(role));
    if (reserved) throw new AuthLineError(`"${role}" is reserved for system use`);
    if (text.startsWith('/')) checkPattern(text);
  }
}
