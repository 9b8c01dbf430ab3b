/** A column that rows got without being written. */
export interface MissingValue {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/** What `windlass.ddl` says of a statement: see `windlass.ddl_record`. */
export interface DdlRecord {
  /** The command tag: `CREATE TABLE`. */
  readonly tag: string;
  /** What `text` is: what a client sent, who called (innermost first), or the text of a function in SQL. */
  readonly source: 'message' | 'context' | 'function';
  readonly text: string;
  /** Of a message the number of the event, of a function that of the statement. */
  readonly place: number;
  /** The major version of the server. */
  readonly major: number;
  readonly role: string;
  /** `search_path`. */
  readonly path: string;
  readonly settings: Readonly<Record<string, string | null>>;
  /** What was made, changed or dropped: `table public.t`. */
  readonly objects: readonly string[];
  /** By node, the last DDL on one of these objects that was known there. */
  readonly known: Readonly<Record<string, number>>;
  /** The tables among them, as SQL reads their names. */
  readonly tables?: readonly string[];
  readonly missing?: readonly MissingValue[] | null;
}

/** A record in words: no text of the statement, which may hold a password. */
export function wordsOf({ tag, objects }: Pick<DdlRecord, 'tag' | 'objects'>): string {
  const [first, ...others] = [...objects].sort(
    (a, b) => Number(b.startsWith('table ')) - Number(a.startsWith('table ')),
  );
  const more = others.length > 0 ? ` and ${String(others.length)} more` : '';
  return first === undefined ? tag : `${tag} (${first}${more})`;
}
