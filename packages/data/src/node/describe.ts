import type pg from 'pg';
import type { Table } from '../converge/index.ts';
import type { KeyKind } from '../sql/index.ts';

/** A column of a table, as this node has it. */
export interface DescribedColumn {
  readonly name: string;
  /** Its `attnum`. */
  readonly number: number;
  /** As SQL reads it, with its modifier, and without. */
  readonly type: string;
  readonly baseType: string;
  /** Whether there are arrays of the type. */
  readonly hasArray: boolean;
  /** The operator by which two of its values are equal. */
  readonly equals: string;
  readonly notNull: boolean;
  readonly generated: 'stored' | 'virtual' | null;
  /** What it is generated from, as SQL over the other columns. */
  readonly expression: string | null;
  readonly identity: 'always' | 'by default' | null;
}

/** Of which the server has to be asked what its values are: it has a condition, expressions, generated columns, or values with several texts. */
export interface ComputedIndex {
  /** SQL over the columns of the table, and the operator by which two of its values are equal. */
  readonly parts: readonly { readonly sql: string; readonly equals: string }[];
  /** Equal values have one hash. */
  readonly hashable: boolean;
  readonly condition: string | null;
}

/** A unique index or an exclusion constraint beside the key. */
export interface DescribedIndex {
  readonly name: string;
  /** Those of its columns that are columns of the table. */
  readonly columns: readonly string[];
  readonly partial: boolean;
  readonly expressions: boolean;
  /** Where the texts of columns alone do not say which rows collide; NULL: they do. */
  readonly computed: ComputedIndex | null;
  readonly deferrable: boolean;
  /** Then a NULL is equal to a NULL. */
  readonly nullsNotDistinct: boolean;
  readonly exclusion: boolean;
  /** False while it is being built, and of one whose building failed: rows may be there that collide. */
  readonly valid: boolean;
}

/** What users' code runs when the table is written to by an applier. */
export interface DescribedCode {
  /** Another one when that may have changed. */
  readonly signature: string;
  /** How often it may have been changed. */
  readonly changes: number;
  /** The oid of the role with whose rights it runs; NULL: there is none. */
  readonly role: string | null;
}

interface Told {
  readonly oid: number;
  readonly schema: string;
  readonly relation: string;
  /** Both, quoted where they have to be. */
  readonly name: string;
  readonly kind: 'table' | 'partitioned' | 'other';
  readonly persistence: 'permanent' | 'unlogged' | 'temporary';
  readonly columns: readonly DescribedColumn[];
  /** The names of columns that have been dropped of it. */
  readonly dropped: readonly string[];
  /** In the order of the index. */
  readonly key: readonly string[];
  /** The columns that make the content of a row, in the order of the content. */
  readonly content: readonly string[];
  readonly uniqueIndexes: readonly DescribedIndex[];
  /** Of each column of the key how the one text of equal values is made (`1.0` and `1.00`); NULL: there is no way. */
  readonly keyKinds: readonly (KeyKind | null)[];
  readonly code: DescribedCode;
  /** The uppermost partitioned table, of a partition. */
  readonly root: number | null;
  /** It has a parent or children. */
  readonly inTree: boolean;
  /** Its changes are in the stream: a permanent ordinary table that is not of schema `windlass`. */
  readonly replicates: boolean;
  /** It has all triggers it needs, and its replica identity. */
  readonly watched: boolean;
}

/** `unique`: of an index that is computed it has one column, which is none of the table. */
export type DescribedTable = Table & Told;

const BY_OID = 'SELECT windlass.describe($1::oid) AS told';
const BY_NAME = `SELECT windlass.describe(c.oid) AS told FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`;

/** A table by its oid here, or by its names, unquoted. Undefined: there is none. */
export async function describeTable(
  client: pg.ClientBase,
  which: number | { readonly schema: string; readonly relation: string },
): Promise<DescribedTable | undefined> {
  const [text, values] = typeof which === 'number' ? [BY_OID, [which]] : [BY_NAME, [which.schema, which.relation]];
  const { rows } = await client.query<{ told: Told | null }>(text, values);
  const told = rows[0]?.told;
  return told ? withRules(told) : undefined;
}

/** The statement that asks for a table by schema and name, and what its answer means: for sessions that are asked in another way. */
export const DESCRIBE_TABLE = BY_NAME;
export const describedBy = (told: string | null | undefined): DescribedTable | undefined =>
  told === null || told === undefined ? undefined : withRules(JSON.parse(told) as Told);

/** No column of a table has so long a name. */
const COMPUTED = '#'.repeat(64);

/** The column in which a row has what it is in a computed index: NULL where it collides with nothing. */
export const computedColumn = ({ name }: DescribedIndex): string => COMPUTED + name;
export const isComputedColumn = (name: string): boolean => name.startsWith(COMPUTED);

function withRules(told: Told): DescribedTable {
  const having = (what: 'generated' | 'identity'): string[] =>
    told.columns.filter((column) => column[what] !== null).map(({ name }) => name);
  const unique = told.uniqueIndexes.filter(({ valid, exclusion }) => valid && !exclusion);
  const nullsEqual = unique.filter((one) => !one.computed && one.nullsNotDistinct).map(({ columns }) => columns);
  return {
    ...told,
    ...{ nullsEqual, generated: having('generated'), identity: having('identity') },
    unique: unique.map((one) => (one.computed ? [computedColumn(one)] : one.columns)),
  };
}
