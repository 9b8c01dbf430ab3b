import type { DescribedTable } from '../node/index.ts';
import { asRoleSql, gateSql, inlined, noChangeSql, sameCodeSql } from '../sql/index.ts';
import type { Step } from './exchange.ts';
import type { StatementsOf } from './sql/statements.ts';

type Of = Pick<StatementsOf, 'table'>;

/** How often it is also looked at all that decides about code, in ms: event triggers, which tell of a change, are off for some. */
const LOOK_MS = 1000;
const looked = new WeakMap<DescribedTable, number>();

/** Before the first statement of a transaction about a table: from here on nobody gives it code that would run with our rights. */
export function enter({ table }: Of): Step[] {
  const { name, oid, code } = table;
  const now = performance.now();
  const isFull = code.role !== null || now - (looked.get(table) ?? -LOOK_MS) >= LOOK_MS;
  if (isFull) looked.set(table, now);
  return [
    { text: gateSql(name), values: [], about: name },
    { text: noChangeSql(name), values: [String(oid), String(code.changes)], about: name },
    ...(isFull ? [{ text: sameCodeSql(name), values: [code.signature], about: name }] : []),
  ];
}

/** What users' code may have set for the session counts no longer. */
const RESET: Step = { text: 'RESET ALL', values: [] };

/**
 * A statement that is about a table of users and about nothing of ours. Where the table has code of users, it is carried out with the rights of its owner.
 * `gives`: it gives rows of one text.
 */
export function forUsers({ table }: Of, text: string, values: readonly (string | null)[], gives = false): Step[] {
  const { role } = table.code;
  const step = { text, values, about: table.name };
  if (role === null) return [step];
  return [
    { ...step, text: asRoleSql(role), values: [inlined(text, values), String(gives)], runsUsersCode: true },
    RESET,
  ];
}

/** Before the COMMIT of a transaction in which users' code has run: nothing of it is left that the commit would run with our rights. */
export const LEAVE: readonly Step[] = [
  { text: 'SELECT windlass.refuse_deferred()', values: [] },
  { text: 'CLOSE ALL', values: [] },
];
