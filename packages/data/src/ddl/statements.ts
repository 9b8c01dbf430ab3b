import type { ParseResult } from 'libpg-query';

export type Tree = Readonly<Record<string, unknown>>;

/** One statement of a text, as Postgres' own parser reads it. */
export interface Statement {
  /** The parser's name for the kind of statement: `CreateStmt`. */
  readonly kind: string;
  readonly tree: Tree;
  readonly text: string;
}

type Parse = (text: string) => ParseResult;
let parser: Promise<Parse> | undefined;

type Library = Pick<typeof import('libpg-query'), 'loadModule' | 'parseSync'>;

async function loadParser(): Promise<Parse> {
  // In a bundle what a package in the old format exports is under `default` alone.
  const found: Library & { readonly default?: Library } = await import('libpg-query');
  const { loadModule, parseSync } = found.default ?? found;
  await loadModule();
  return parseSync;
}

/** The statements of a text. Throws what the parser says where it is not SQL. */
export async function statementsOf(text: string): Promise<readonly Statement[]> {
  const parse = await (parser ??= loadParser());
  const bytes = Buffer.from(text);
  return (parse(text).stmts ?? []).flatMap(({ stmt, stmt_location: at = 0, stmt_len: length }) => {
    const [[kind, tree] = []] = Object.entries(stmt ?? {}) as [string, Tree][];
    const end = length ? at + length : bytes.length;
    return kind === undefined || !tree ? [] : [{ kind, tree, text: bytes.subarray(at, end).toString().trim() }];
  });
}

/** Whether a text is one statement, and nothing else. */
export async function oneStatement(text: string): Promise<Statement | undefined> {
  const statements = await statementsOf(text).catch(() => []);
  return statements.length === 1 ? statements[0] : undefined;
}

/** What is in an object of a tree; nothing of what is none. */
export const inside = (tree: Tree | undefined, name: string): Tree | undefined => tree?.[name] as Tree | undefined;

/** Where the rows of a SELECT INTO go; undefined of another SELECT. The INTO of a UNION is in its first part. */
export function intoOf(tree: Tree): Tree | undefined {
  const first = inside(tree, 'larg');
  return inside(tree, 'intoClause') ?? (first && intoOf(first));
}

/** Equal when two statements say the same, wherever they stand in their texts and however they are spaced. */
export const sameStatement = (a: Statement, b: Statement): boolean =>
  a.kind === b.kind && withoutPlaces(a.tree) === withoutPlaces(b.tree);

const withoutPlaces = (tree: Tree): string =>
  JSON.stringify(tree, (name, value: unknown) => (/(^|_)location$/.test(name) ? undefined : value));
