import type pg from 'pg';
import { literal } from './quote.ts';

/**
 * SQL over a row `c` of pg_class for all that decides which code of users runs when the table is read or written by an applier: its owner, triggers that
 * fire in replica role, rules, expressions of indexes, checks, defaults and statistics, of the partition keys above it, and the types of its columns. None of
 * it can be changed in place, but for types.
 */
export const codeSignature = (c: string): string => `pg_catalog.concat_ws('|', ${c}.relowner, ${c}.relhasrules,
  CASE WHEN ${c}.relispartition THEN ARRAY(SELECT x.relid::oid FROM pg_catalog.pg_partition_ancestors(${c}.oid) x) ELSE '{}' END,
  ARRAY(SELECT x.oid FROM pg_catalog.pg_trigger x WHERE x.tgrelid = ${c}.oid AND x.tgenabled IN ('A', 'R') ORDER BY 1),
  ARRAY(SELECT x.indexrelid FROM pg_catalog.pg_index x WHERE x.indrelid = ${c}.oid AND (x.indexprs IS NOT NULL OR x.indpred IS NOT NULL) ORDER BY 1),
  CASE WHEN ${c}.relchecks > 0 THEN ARRAY(SELECT x.oid FROM pg_catalog.pg_constraint x WHERE x.conrelid = ${c}.oid AND x.contype = 'c' ORDER BY 1) END,
  ARRAY(SELECT x.oid FROM pg_catalog.pg_attrdef x WHERE x.adrelid = ${c}.oid ORDER BY 1),
  ARRAY(SELECT x.oid FROM pg_catalog.pg_statistic_ext x WHERE x.stxrelid = ${c}.oid ORDER BY 1),
  ARRAY(SELECT x.atttypid FROM pg_catalog.pg_attribute x WHERE x.attrelid = ${c}.oid AND x.attnum > 0 AND NOT x.attisdropped ORDER BY x.attnum))`;

/**
 * To be said in a transaction before anything else about a table, in a session with more rights than its owner has: even planning a statement may run a
 * function of an index. Until the transaction ends nobody adds code. LOCK plans nothing. The gate is closed by who builds an index concurrently.
 */
export const gateSql = (table: string): string => `LOCK TABLE ONLY windlass.gate, ONLY ${table} IN ROW EXCLUSIVE MODE`;

/** After it: throws 40001 when the code is not what it was when `$1` was read. */
export const sameCodeSql = (table: string): string =>
  `SELECT windlass.refuse_changed(${literal(table)}) FROM pg_catalog.pg_class c
    WHERE c.oid = ${literal(table)}::regclass AND ${codeSignature('c')} <> $1`;

/**
 * After it, too, and quicker: throws when this is not the table with the oid `$1`, or somebody has changed it, or a type, since there were `$2` changes. Event
 * triggers say so; those of a superuser may be off.
 */
export const noChangeSql = (table: string): string =>
  `SELECT windlass.refuse_changed(${literal(table)}) WHERE ${literal(table)}::regclass::oid <> $1::oid
    OR (SELECT pg_catalog.count(*) FROM windlass.code_change d WHERE d.relation IN (${literal(table)}::regclass::oid, 0)) <> $2::bigint`;

/** The function that carries out a statement with the rights of a role: `$1` the statement, `$2` whether it gives rows of one text. */
export const asRoleSql = (role: string): string => `SELECT * FROM windlass_code.as_${role}($1, $2)`;

/** A statement with its values written into it, as the function takes it. */
export function inlined(text: string, values: readonly (string | null)[]): string {
  return text.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'|\$(\d+)/g, (found, number?: string) => {
    if (number === undefined) return found;
    const value = values[Number(number) - 1] ?? null;
    return value === null ? 'NULL' : literal(value);
  });
}

export type Read = (text: string, values: readonly (string | null)[]) => Promise<readonly string[]>;

interface Code {
  readonly oid: string;
  readonly changes: string;
  readonly signature: string;
  /** With whose rights the code of users runs; NULL: there is none. */
  readonly role: string | null;
}

const CODE_OF = `SELECT $1::regclass::oid::text AS oid, code->>'changes' AS changes, code->>'signature' AS signature, code->>'role' AS role
  FROM windlass.code_of($1::regclass) code`;

/** Nothing of users' code is left that the commit would run. */
const LEAVE = 'SELECT windlass.refuse_deferred(); CLOSE ALL; COMMIT';

/**
 * Reads a table that users may have given code, in a transaction that leaves nothing behind; or writes to it, with `commit`: then what the session is set to
 * may not be what it was. The session is not to be in a transaction. `read` gives the one text of each row of a statement. Throws 40001 when that code changes meanwhile.
 */
export async function asOwner(
  client: pg.ClientBase,
  table: string,
  use: (read: Read) => Promise<void>,
  end: 'commit' | 'rollback' = 'rollback',
): Promise<void> {
  const [code] = (await client.query<Code>(CODE_OF, [table])).rows;
  if (!code) throw new Error(`there is no table ${table}`);
  if (code.role !== null) await prepareRole(client, table);
  try {
    await client.query(`BEGIN; ${gateSql(table)}`);
    await client.query(noChangeSql(table), [code.oid, code.changes]);
    await client.query(sameCodeSql(table), [code.signature]);
    await use(readerOf(client, code));
    if (end === 'commit') await client.query(LEAVE);
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

/** Also in a session in which nothing is to be written. */
async function prepareRole(client: pg.ClientBase, table: string): Promise<void> {
  await client.query('BEGIN READ WRITE');
  try {
    await client.query('SELECT windlass.prepare_role($1::regclass)', [table]);
  } finally {
    await client.query('COMMIT');
  }
}

function readerOf(client: pg.ClientBase, { role }: Code): Read {
  return async (text, values) => {
    const asked =
      role === null ? { text, values: [...values] } : { text: asRoleSql(role), values: [inlined(text, values), true] };
    return (await client.query<[string]>({ ...asked, rowMode: 'array' })).rows.map(([one]) => one);
  };
}
