import { asRoleSql, gateSql, inlined, sameCodeSql } from '../sql/index.ts';
import type { Step } from './exchange.ts';
import type { StatementsOf } from './sql/statements.ts';

type Of = Pick<StatementsOf, 'table'>;

/** Before the first statement of a transaction about a table: from here on nobody gives it code that would run with our rights. */
export const enter = ({ table }: Of): Step[] => [
  { text: gateSql(table.name), values: [], about: table.name },
  { text: sameCodeSql(table.name), values: [table.code.signature], about: table.name },
];

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
