import { UNCHANGED, type ColumnValue, type Relation, type TupleData } from '../source/postgres/index.ts';
import type { DescribedColumn, DescribedTable } from '../node/index.ts';
import { keyTexts, type Folded } from '../sql/index.ts';
import { NeedsPerson } from './errors.ts';
import { keyFirst, type StatementsOf } from './sql/statements.ts';
import type { VersionSql } from './sql/version-sql.ts';

/** A value that arrived, or that is to be asked for. */
export type Arrived = string | null | typeof UNCHANGED;

/** How rows of a relation of a peer are written to the table here. */
export interface Plan extends StatementsOf {
  readonly relation: Relation;
  /** The columns that are written, those of the key first, and the place of each in what arrives. */
  readonly written: readonly DescribedColumn[];
  readonly places: readonly number[];
}

/** Throws `NeedsPerson` where what arrives does not fit what is here. */
export function planOf(relation: Relation, table: DescribedTable, versions: VersionSql): Plan {
  if (table.kind !== 'table') refuse(table, 'is no table that has rows of its own here');
  const here = new Map(table.columns.map((column) => [column.name, column]));
  const sent = relation.columns.filter(({ name }) => !table.generated.includes(name));
  const missing = sent.filter(({ name }) => !here.has(name)).map(({ name }) => name);
  const unknown = missing.filter((name) => !table.dropped.includes(name));
  if (unknown.length > 0) refuse(table, `has no column ${unknown.map((name) => `"${name}"`).join(', ')}`);
  refuseOdd(table);
  const lacking = table.key.filter((name) => !sent.some((column) => column.name === name));
  if (lacking.length > 0)
    refuse(table, `has the key column "${lacking.join('", "')}" that the sender has not, or that is generated`);
  const unsent =
    table.key.length > 0 ? [] : table.content.filter((name) => !sent.some((column) => column.name === name));
  if (unsent.length > 0) refuse(table, `has no key, and the column "${unsent.join('", "')}" that the sender has not`);
  const columns = sent.flatMap(({ name }) => here.get(name) ?? []);
  const written = keyFirst({ table, columns });
  const places = written.map(({ name }) => relation.columns.findIndex((column) => column.name === name));
  return { relation, table, columns, versions, written, places };
}

/** What Postgres does not check in replica role, and the rules do not know. */
function refuseOdd(table: DescribedTable): void {
  const odd = table.uniqueIndexes.find(({ deferrable, exclusion }) => deferrable && exclusion);
  if (odd)
    throw new NeedsPerson(
      table.name,
      `${table.name} has the deferrable exclusion constraint "${odd.name}", which would not be looked at: make it NOT DEFERRABLE`,
    );
  const several = table.key.filter((_, i) => table.keyKinds[i] === null);
  if (several.length > 0)
    throw new NeedsPerson(
      table.name,
      `${table.name} has a key in which equal values have several texts ("${several.join('", "')}"): give it another key`,
    );
}

/** The key as text: equal keys have one. */
export const keyOfValues = ({ table }: Plan, values: readonly (string | null)[], folded?: Folded): string =>
  JSON.stringify(keyTexts(table.keyKinds, values, folded));

function refuse(table: DescribedTable, what: string): never {
  throw new NeedsPerson(table.name, `${table.name} ${what}: make the tables of both nodes equal`);
}

/** The values of a row in the order of `written`. */
export function valuesOf(plan: Plan, tuple: TupleData, filledFrom?: TupleData): Arrived[] {
  return plan.places.map((place) => {
    const value = tuple[place] ?? null;
    return textOf(plan, value === UNCHANGED ? (filledFrom?.[place] ?? value) : value);
  });
}

/** The values of the key alone. */
export function keyValuesOf(plan: Plan, tuple: TupleData): (string | null)[] {
  return plan.table.key.map((_, i) => {
    const value = textOf(plan, tuple[plan.places[i] ?? -1] ?? null);
    if (value === UNCHANGED)
      throw new Error(`a key column of ${plan.table.name} is unchanged in a message without the old row`);
    return value;
  });
}

function textOf({ table }: Plan, value: ColumnValue): Arrived {
  if (typeof value === 'string' || value === null || value === UNCHANGED) return value;
  return refuse(table, 'arrives with binary values, which the applier does not read');
}
