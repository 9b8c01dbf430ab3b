import { intoOf, type Statement } from './statements.ts';

/** Kinds of statements that event triggers see, whatever they are about. */
const SEEN = new Set(
  `AlterCollationStmt AlterDefaultPrivilegesStmt AlterDomainStmt AlterEnumStmt AlterExtensionContentsStmt AlterExtensionStmt AlterFdwStmt
  AlterForeignServerStmt AlterFunctionStmt AlterOpFamilyStmt AlterOperatorStmt AlterPolicyStmt AlterPublicationStmt AlterSeqStmt AlterStatsStmt
  AlterSubscriptionStmt AlterTSConfigurationStmt AlterTSDictionaryStmt AlterTableMoveAllStmt AlterTableStmt AlterTypeStmt AlterUserMappingStmt
  CompositeTypeStmt CreateAmStmt CreateCastStmt CreateConversionStmt CreateDomainStmt CreateEnumStmt CreateExtensionStmt CreateFdwStmt
  CreateForeignServerStmt CreateForeignTableStmt CreateFunctionStmt CreateOpClassStmt CreateOpFamilyStmt CreatePLangStmt CreatePolicyStmt
  CreatePublicationStmt CreateRangeStmt CreateSchemaStmt CreateSeqStmt CreateStatsStmt CreateStmt CreateSubscriptionStmt CreateTableAsStmt
  CreateTransformStmt CreateTrigStmt CreateUserMappingStmt DefineStmt DropOwnedStmt DropSubscriptionStmt DropUserMappingStmt
  ImportForeignSchemaStmt IndexStmt RefreshMatViewStmt RuleStmt ViewStmt`.split(/\s+/),
);
/** Kinds that they see unless it is about one of `SHARED`. */
const SEEN_OF_SOME = new Set(
  `DropStmt RenameStmt AlterObjectDependsStmt AlterObjectSchemaStmt AlterOwnerStmt CommentStmt GrantStmt SecLabelStmt`.split(
    ' ',
  ),
);
const SHARED = new Set(
  ['DATABASE', 'ROLE', 'TABLESPACE', 'PARAMETER_ACL', 'EVENT_TRIGGER'].map((what) => `OBJECT_${what}`),
);
const REINDEX_SINCE = 17;

/** Whether event triggers of a server of that version see the statement. */
export function isSeen({ kind, tree }: Statement, major: number): boolean {
  if (kind === 'ReindexStmt') return major >= REINDEX_SINCE;
  if (kind === 'SelectStmt') return intoOf(tree) !== undefined;
  if (SEEN.has(kind)) return true;
  const about = ['removeType', 'renameType', 'objectType', 'objtype'].map((name) => tree[name]).find(Boolean);
  return SEEN_OF_SOME.has(kind) && !SHARED.has(String(about));
}

/** What of a message is done, as its count of events is: rolled back with it. */
class Count {
  done: Statement[] = [];
  #savepoints: { readonly name: unknown; readonly done: number }[] = [];
  #transaction = 0;

  add(statement: Statement, major: number): void {
    if (isSeen(statement, major)) this.done.push(statement);
    if (statement.kind === 'TransactionStmt') this.#transact(statement);
  }

  #transact({ tree }: Statement): void {
    const [kind, name] = [String(tree['kind']).replace('TRANS_STMT_', ''), tree['savepoint_name']];
    const at = this.#savepoints.findLastIndex((one) => one.name === name);
    if (kind === 'SAVEPOINT') this.#savepoints.push({ name, done: this.done.length });
    // One that is older than the message.
    else if (kind === 'ROLLBACK_TO' && at < 0) this.#back(0, 0);
    else if (kind === 'ROLLBACK_TO') this.#back(this.#savepoints[at]?.done ?? 0, at + 1);
    else if (kind === 'RELEASE') this.#savepoints.length = Math.max(at, 0);
    else if (kind === 'ROLLBACK') this.#back(this.#transaction, 0);
    else if (kind === 'COMMIT' || kind === 'PREPARE') this.#back(this.done.length, 0);
    if (kind === 'COMMIT' || kind === 'ROLLBACK' || kind === 'PREPARE') this.#transaction = this.done.length;
  }

  #back(done: number, savepoints: number): void {
    this.done.length = Math.min(done, this.done.length);
    this.#savepoints.length = savepoints;
  }
}

/**
 * The statement of a message whose event had this number. What was rolled back is left out: its row has not come. Undefined: it cannot be told.
 */
export function atPlace(statements: readonly Statement[], place: number, major: number): Statement | undefined {
  if (statements.length === 1) return statements[0];
  const counts = [new Count()];
  for (const statement of statements) {
    counts.at(-1)?.add(statement, major);
    // The count is a setting.
    if (statement.kind === 'VariableSetStmt' && statement.tree['kind'] === 'VAR_RESET_ALL') counts.push(new Count());
  }
  const found = counts.map(({ done }) => done[place - 1]).filter((one) => one !== undefined);
  return found.length === 1 ? found[0] : undefined;
}
