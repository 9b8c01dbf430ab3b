import { atPlace, isSeen } from './place.ts';
import { inside, intoOf, oneStatement, statementsOf, type Statement, type Tree } from './statements.ts';
import type { DdlRecord } from './record.ts';
import { identifier } from '../sql/index.ts';

/** What a record comes down to on another node. */
export interface Resolved {
  readonly statement: Statement;
  /** What is to be carried out, in order; nothing of what is that node's own. */
  readonly texts: readonly string[];
  /** Postgres itself keeps code of users from more rights while it does this, and part of it cannot be done where that is already so. */
  readonly isGuarded: boolean;
}

const GUARDED = new Set(['RefreshMatViewStmt', 'CreateExtensionStmt', 'AlterExtensionStmt', 'DropOwnedStmt']);
const STATEMENT = 'SQL statement "';

/** Undefined: it cannot be told which statement it was. */
export async function resolve(record: DdlRecord): Promise<Resolved | undefined> {
  const statement = await statementOf(record);
  if (!statement || !isSeen(statement, record.major) || !hasVerb(statement, record.tag)) return undefined;
  const texts = isLocal(statement) ? [] : await textsOf(statement);
  return texts && { statement, texts, isGuarded: GUARDED.has(statement.kind) };
}

async function statementOf({ source, text, place, major }: DdlRecord): Promise<Statement | undefined> {
  if (source === 'context') return innermost(text);
  const statements = await statementsOf(text).catch(() => []);
  return source === 'function' ? statements[place - 1] : atPlace(statements, place, major);
}

/** The statement in quotes with which a context begins; it may have such quotes itself, but is no statement up to there. */
async function innermost(context: string): Promise<Statement | undefined> {
  if (!context.startsWith(STATEMENT)) return undefined;
  for (const { index } of context.matchAll(/"(?=\n|$)/g)) {
    const found = index < STATEMENT.length ? undefined : await oneStatement(context.slice(STATEMENT.length, index));
    if (found) return found;
  }
  return undefined;
}

/** A last check that it is the right one. */
function hasVerb({ kind, text }: Statement, tag: string): boolean {
  if (kind === 'SelectStmt') return tag === 'SELECT INTO';
  const plain = text.replace(/^(\s+|--[^\n]*(\n|$)|\/\*.*?\*\/)+/s, '');
  return plain.toUpperCase().startsWith(tag.split(' ')[0] ?? '');
}

const isTemporary = (rel: Tree | undefined): boolean =>
  rel?.['relpersistence'] === 't' || String(rel?.['schemaname'] ?? '').startsWith('pg_temp');

/** What is done on one node alone: with many transactions, or with temporary tables. */
function isLocal({ kind, tree }: Statement): boolean {
  if (kind === 'CreateTableAsStmt') return isTemporary(inside(inside(tree, 'into'), 'rel'));
  if (kind === 'SelectStmt') return isTemporary(inside(intoOf(tree), 'rel'));
  if (kind === 'IndexStmt' || kind === 'DropStmt') return tree['concurrent'] === true;
  return kind === 'AlterTableStmt' && /"concurrent":true/.test(JSON.stringify(tree['cmds'] ?? []));
}

/** A table that is made with rows is made without: they come as rows. */
async function textsOf(statement: Statement): Promise<readonly string[] | undefined> {
  const { kind, tree, text } = statement;
  if (kind === 'SelectStmt') return [text, `TRUNCATE ${nameOf(inside(intoOf(tree), 'rel'))}`];
  if (kind !== 'CreateTableAsStmt' || tree['objtype'] !== 'OBJECT_TABLE') return [text];
  if (inside(tree, 'into')?.['skipData'] === true) return [text];
  for (const empty of [`${text}\nWITH NO DATA`, text.replace(/\sWITH\s+DATA\s*$/i, '\nWITH NO DATA')]) {
    const made = await oneStatement(empty);
    if (inside(made?.tree, 'into')?.['skipData'] === true) return [empty];
  }
  return undefined;
}

const nameOf = (rel: Tree | undefined): string =>
  [rel?.['schemaname'], rel?.['relname']]
    .filter((part) => part !== undefined)
    .map((part) => identifier(String(part)))
    .join('.');
