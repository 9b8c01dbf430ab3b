import type { EntityWorkflowAnswers } from '../../tasks/entity-workflows.ts';
import type { TaskInputs } from '../../tasks/task-inputs.ts';
import type { LoginWish } from '../operations/open-login.ts';
import type { InstanceLogQuery } from '../operations/read-log.ts';
import type { ConflictQuery } from '../operations/read-conflicts.ts';
import type { Catalogue } from '../backups/catalogue.ts';

/** Which task of a database it is. */
export interface DatabaseTaskInput {
  readonly databaseId: string;
  readonly taskId: string;
}

interface AtRevision {
  /** Of the spec to reach. */
  readonly revision: number;
}

/** A spec that is looked at and was not accepted. */
export interface Proposal {
  readonly databaseId: string;
  readonly proposalId: string;
}

/** A run of a schedule; it opens its task itself. */
export interface ScheduledRun {
  readonly databaseId: string;
  readonly nodeName: string;
  readonly scheduleId: string;
}

/** Workflows of databases by name, and what each takes. */
export interface DatabaseWorkflowInputs {
  readonly createDatabase: DatabaseTaskInput & AtRevision & TaskInputs['create'];
  readonly updateDatabase: DatabaseTaskInput & AtRevision & TaskInputs['update'];
  readonly upgradeDatabase: DatabaseTaskInput & AtRevision & TaskInputs['upgrade'];
  readonly deleteDatabase: DatabaseTaskInput & TaskInputs['delete'];
  readonly switchoverNode: DatabaseTaskInput & TaskInputs['switchover'];
  readonly failoverNode: DatabaseTaskInput & TaskInputs['failover'];
  readonly restartInstance: DatabaseTaskInput & TaskInputs['restart_instance'];
  readonly stopInstance: DatabaseTaskInput & AtRevision & TaskInputs['stop_instance'];
  readonly startInstance: DatabaseTaskInput & AtRevision & TaskInputs['start_instance'];
  readonly backupNode: DatabaseTaskInput & TaskInputs['node_backup'];
  readonly deleteBackup: DatabaseTaskInput & TaskInputs['delete_backup'];
  readonly verifyBackup: DatabaseTaskInput & TaskInputs['verify_backup'];
  readonly restoreDatabase: DatabaseTaskInput & AtRevision & TaskInputs['restore'];
  readonly undoRestore: DatabaseTaskInput & AtRevision & TaskInputs['undo_restore'];
  readonly skipTransaction: DatabaseTaskInput & TaskInputs['skip_transaction'];
  readonly compareNodes: DatabaseTaskInput & TaskInputs['compare_nodes'];
  readonly scheduledBackup: ScheduledRun & { readonly type: 'full' | 'incr' };
  readonly scheduledVerification: ScheduledRun;
  readonly planDatabase: Proposal;
  readonly validatePlacement: Proposal;
  readonly inspectDatabase: { readonly databaseId: string };
  readonly listBackups: { readonly databaseId: string; readonly nodeName: string };
  readonly listConflicts: { readonly databaseId: string; readonly nodeName: string; readonly query: ConflictQuery };
  readonly openLogin: { readonly databaseId: string; readonly nodeName: string; readonly wish: LoginWish };
  readonly readLog: {
    readonly databaseId: string;
    readonly nodeName: string;
    readonly instanceId: string;
    readonly query: InstanceLogQuery;
  };
}

/** What a workflow of a database answers that somebody waits for. */
export interface DatabaseWorkflowAnswers {
  readonly planDatabase: EntityWorkflowAnswers['planEntity'];
  readonly validatePlacement: { readonly problems: readonly string[] };
  readonly inspectDatabase: EntityWorkflowAnswers['inspectEntity'];
  readonly listBackups: Catalogue;
  /** Sealed: what it holds is of users. */
  readonly listConflicts: { readonly sealed: unknown };
  /** Sealed: it holds a password. */
  readonly openLogin: { readonly sealed: unknown };
  readonly readLog: { readonly sealed: unknown };
}
