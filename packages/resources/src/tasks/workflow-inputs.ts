import type { Catalogue } from '../postgres/backups/catalogue.ts';
import type { EntityRef } from '../engine/entity-ref.ts';
import type { Finding, Step } from '../engine/plan-types.ts';
import type { TaskInputs } from './task-inputs.ts';

/** Which task of a database it is. */
export interface DatabaseTaskInput {
  readonly databaseId: string;
  readonly taskId: string;
}

/** Which task of a host it is. */
export interface HostTaskInput {
  readonly hostId: string;
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

/** Every workflow by its name, and what it takes. Histories hold these inputs: a field that was ever there keeps its meaning. */
export interface WorkflowInputs {
  readonly createDatabase: DatabaseTaskInput & AtRevision & TaskInputs['create'];
  readonly updateDatabase: DatabaseTaskInput & AtRevision & TaskInputs['update'];
  readonly upgradeDatabase: DatabaseTaskInput & AtRevision & TaskInputs['upgrade'];
  readonly deleteDatabase: DatabaseTaskInput & TaskInputs['delete'];
  readonly switchoverNode: DatabaseTaskInput & TaskInputs['switchover'];
  readonly failoverNode: DatabaseTaskInput & TaskInputs['failover'];
  readonly restartInstance: DatabaseTaskInput & TaskInputs['restart_instance'];
  readonly stopInstance: DatabaseTaskInput & AtRevision & TaskInputs['stop_instance'];
  readonly startInstance: DatabaseTaskInput & AtRevision & TaskInputs['start_instance'];
  readonly removeHost: HostTaskInput & TaskInputs['remove_host'];
  readonly backupNode: DatabaseTaskInput & TaskInputs['node_backup'];
  readonly deleteBackup: DatabaseTaskInput & TaskInputs['delete_backup'];
  readonly verifyBackup: DatabaseTaskInput & TaskInputs['verify_backup'];
  readonly restoreDatabase: DatabaseTaskInput & AtRevision & TaskInputs['restore'];
  readonly undoRestore: DatabaseTaskInput & AtRevision & TaskInputs['undo_restore'];
  readonly scheduledBackup: ScheduledRun & { readonly type: 'full' | 'incr' };
  readonly scheduledVerification: ScheduledRun;
  readonly planDatabase: Proposal;
  readonly validatePlacement: Proposal;
  readonly inspectDatabase: { readonly databaseId: string };
  readonly listBackups: { readonly databaseId: string; readonly nodeName: string };
  readonly planEntity: { readonly entity: EntityRef; readonly proposalId: string };
  readonly inspectEntity: { readonly entity: EntityRef };
}
export type WorkflowName = keyof WorkflowInputs;

/** What a workflow answers that somebody waits for. */
export interface WorkflowAnswers {
  readonly planDatabase: { readonly steps: readonly Step[]; readonly sentences: readonly string[] };
  readonly validatePlacement: { readonly problems: readonly string[] };
  readonly inspectDatabase: { readonly findings: readonly Finding[] };
  readonly listBackups: Catalogue;
  readonly planEntity: WorkflowAnswers['planDatabase'];
  readonly inspectEntity: WorkflowAnswers['inspectDatabase'];
}
export type AnsweringWorkflow = keyof WorkflowAnswers;

/** A workflow and what it is given. */
export type WorkflowCall<W extends WorkflowName = WorkflowName> = {
  readonly [K in W]: { readonly type: K; readonly input: WorkflowInputs[K] };
}[W];

/** Every workflow as it is exported where they are written: under these names, with these inputs. */
export type Workflows = {
  readonly [W in WorkflowName]: (
    input: WorkflowInputs[W],
  ) => Promise<W extends AnsweringWorkflow ? WorkflowAnswers[W] : void>;
};
