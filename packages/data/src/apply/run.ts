import { UNCHANGED } from '../source/postgres/index.ts';
import type { Step } from './exchange.ts';
import type { Arrived, Plan } from './plan.ts';
import { shortKey } from '../sql/index.ts';
import { inputValues, type InputRow } from './sql/input.ts';
import { deleteSql, renumberSql, upsertSql } from './sql/statements.ts';
import { quickSql } from './sql/quick-sql.ts';
import { verifySql } from './sql/verify-sql.ts';

/** What the statements of one transaction have in common: its commit time as Postgres reads it, and its node. */
export interface ArrivingVersion {
  readonly time: string;
  /** The same in microseconds since 1970. */
  readonly micros: number;
  readonly node: number;
}

/**
 * What some changes of a table come down to: for each key a row or a delete, whichever came last. (A delete before a row of the same version leaves
 * nothing that the row itself does not say.)
 */
export class Run {
  readonly plan: Plan;
  /** By the text of the key: the values in the order of `plan.written`. */
  readonly rows = new Map<string, readonly Arrived[]>();
  /** By the text of the key: its values. */
  readonly deletes = new Map<string, readonly (string | null)[]>();

  constructor(plan: Plan) {
    this.plan = plan;
  }

  get size(): number {
    return this.rows.size + this.deletes.size;
  }

  /** A row that was sent in parts gets from the one before it what it leaves out: that is what the sender changed. */
  put(key: string, values: readonly Arrived[]): void {
    const before = this.rows.get(key);
    this.deletes.delete(key);
    this.rows.set(key, before ? values.map((value, i) => (value === UNCHANGED ? (before[i] ?? null) : value)) : values);
  }

  remove(key: string, values: readonly (string | null)[]): void {
    this.rows.delete(key);
    this.deletes.set(key, values);
  }

  /** The keys of rows that lack a value. */
  get incomplete(): string[] {
    return [...this.rows].filter(([, values]) => values.includes(UNCHANGED)).map(([key]) => key);
  }
}

const texts = new WeakMap<Plan, Map<string, string>>();

/** A statement of a plan, made once. */
function textOf(plan: Plan, what: string, make: () => string): string {
  const made = texts.get(plan) ?? new Map<string, string>();
  texts.set(plan, made);
  const text = made.get(what) ?? make();
  made.set(what, text);
  return text;
}

/**
 * The statements that carry out a run: deletes, rows, then the second look at all of their keys. That of one row is a quick one, unless something was found
 * in the table lately.
 */
export function stepsOf(run: Run, version: ArrivingVersion, isContended: boolean): Step[] {
  const { plan } = run;
  const rows = [...run.rows].map(([key, values]): InputRow => [shortKey(key), null, ...complete(plan, values)]);
  const deletes = [...run.deletes].map(([key, values]): InputRow => [shortKey(key), longOf(key), ...values]);
  const step = (what: string, input: readonly InputRow[], make: (size: 'one' | 'many') => string): Step[] => {
    const size = input.length === 1 ? 'one' : 'many';
    const text = input.length === 0 ? '' : textOf(plan, `${what} ${size}`, () => make(size));
    const values = [version.time, String(version.node), ...inputValues(input)];
    return text === '' ? [] : [{ text, values, about: plan.table.name }];
  };
  const isQuick = !isContended && rows.length === 1 && deletes.length === 0;
  const keys = keysOf(plan, rows, !isQuick);
  const gone = deletes.map(([key, , ...values]): InputRow => [key ?? null, null, ...values]);
  return [
    ...step('delete', deletes, (size) => deleteSql(plan, size)).map((one) => ({ ...one, leavesLate: true })),
    ...step('renumber', rows, (size) => renumberSql(plan, size) ?? ''),
    ...step('upsert', rows, (size) => upsertSql(plan, size)).map((one) => ({ ...one, rows: rows.length })),
    ...(isQuick
      ? step('quick', keys, () => quickSql(plan))
      : step('verify', [...gone, ...keys], (size) => verifySql(plan, size)).map((one) => ({ ...one, records: true }))),
  ];
}

/** The keys of rows and, for who records what is rejected, the rows themselves. */
function keysOf(plan: Plan, rows: readonly InputRow[], withNotes: boolean): InputRow[] {
  const width = 2 + plan.table.key.length;
  return rows.map((row) => [row[0] ?? null, withNotes ? noteOf(plan, row) : null, ...row.slice(2, width)]);
}

/** The whole key, where it is kept as its hash: it is looked for again by its values. */
const longOf = (key: string): string | null => (shortKey(key) === key ? null : key);

function complete({ table }: Plan, values: readonly Arrived[]): (string | null)[] {
  return values.map((value) => {
    if (value === UNCHANGED) throw new Error(`a value of ${table.name} was not asked for`);
    return value;
  });
}

/** The row as it is recorded when it is rejected. */
function noteOf({ written }: Plan, row: InputRow): string {
  return JSON.stringify(Object.fromEntries(written.map(({ name }, i) => [name, row[i + 2] ?? null])));
}
