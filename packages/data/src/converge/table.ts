/** A value in the text form of Postgres. */
export type Value = string | null;
export type Row = Readonly<Record<string, Value>>;

/** A large value that an update left as it was is not sent by Postgres; this stands in its place. */
export const UNCHANGED = Symbol('unchanged');
export type ReceivedRow = Readonly<Record<string, Value | typeof UNCHANGED>>;

/**
 * What the rules have to know of a table. A partition that holds rows is a table of its own to them: its key has the
 * partition key in it, so no row can have the same key in two of them, and a row that moves has changed its key.
 */
export interface Table {
  readonly name: string;
  /** The columns of the replica identity; none when the table has no key. */
  readonly key: readonly string[];
  /** The columns of each unique index beside the key. */
  readonly unique: readonly (readonly string[])[];
  /** Those of them to which a NULL is equal to a NULL; none, where it is left out. */
  readonly nullsEqual?: readonly (readonly string[])[];
  /** Columns that Postgres makes from other columns of the row. */
  readonly generated: readonly string[];
  /** Columns whose values come from a sequence, each from the one of the node where the row was made. */
  readonly identity: readonly string[];
}

/** One text for equal values of these columns, in this order. */
export function textOf(row: ReceivedRow, columns: readonly string[]): string {
  return JSON.stringify(columns.map((column) => row[column] ?? null));
}

export function keyOf(table: Table, row: ReceivedRow): string {
  return textOf(row, table.key);
}

/** The whole row as one text: what a row of a table without a key is known by. */
export function contentOf(row: ReceivedRow): string {
  return textOf(row, Object.keys(row).sort());
}

/** True when both rows have the same value where only one may have it. A NULL is equal to nothing, unless the index says so. */
export function collide(table: Table, a: Row, b: Row): boolean {
  return table.unique.some((columns) => {
    const nullsEqual = areNullsEqual(table, columns);
    return columns.every((column) => {
      const value = a[column] ?? null;
      return (nullsEqual || value !== null) && value === (b[column] ?? null);
    });
  });
}

export const areNullsEqual = ({ nullsEqual = [] }: Table, unique: readonly string[]): boolean =>
  nullsEqual.some((one) => JSON.stringify(one) === JSON.stringify(unique));
