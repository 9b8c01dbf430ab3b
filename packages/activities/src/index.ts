import { applyStep } from './apply-step.ts';
import { readCatalogue } from './backup-catalogue.ts';
import { takeBackup } from './backup-node.ts';
import { removeBackup, verifyBackup } from './change-backup.ts';
import { findDueBackups } from './due-backups.ts';
import { awaitReady } from './await-ready.ts';
import { beginBeside } from './begin-beside.ts';
import { beginOperation } from './begin-operation.ts';
import { awaitUpdate } from './await-update.ts';
import { beginTask } from './begin-task.ts';
import { beginWaiting } from './begin-waiting.ts';
import type { PostgresDeps } from './postgres/deps.ts';
import { awaitRelease, checkPrimary, failOver, prepareFailover } from './failover.ts';
import { tellSilence } from './former-attempt.ts';
import { endUnknownFailures } from './end-unknown-failures.ts';
import { findNode } from './find-node.ts';
import { failRemoval, forgetHost } from './end-removal.ts';
import { finishTask } from './finish-task.ts';
import { heedCancel } from './heed-cancel.ts';
import { leaveSwarm } from './leave-swarm.ts';
import { placeStep } from './place-step.ts';
import { olderInputs } from './postgres/older-inputs.ts';
import { planChange } from './plan-change.ts';
import { planProposal } from './plan-proposal.ts';
import { refreshHost } from './refresh-host.ts';
import { beginRemoval } from './remove-host.ts';
import { tellRetries } from './retries.ts';
import { restoreActivities } from './restore/index.ts';
import { listQueues } from './list-queues.ts';
import { dropBackupDirectory, forgetRepositories, listBackedUp, purgeBackups } from './purge-backups.ts';
import { noteInstance } from './note-instance.ts';
import { noteStart, restartPostgres } from './restart.ts';
import { sampleInstances } from './sample-instances.ts';
import { openScheduledBackup, recordScheduledBackup } from './scheduled-backup.ts';
import { closeStandby, findStandbys, openStandby } from './standby.ts';
import { setStopped } from './set-stopped.ts';
import { prepareSwitchover, switchOver } from './switchover.ts';
import { takeDatabase } from './take-database.ts';
import { validateHost } from './validate-host.ts';

/** Every activity a workflow may call. The names are what Temporal's UI shows. */
export const createActivities = (deps: PostgresDeps) =>
  olderInputs(
    heedCancel(
      tellSilence(deps.kv, deps.timeoutBefore, tellRetries(deps.kv, endUnknownFailures(listActivities(deps)))),
      deps.activityHook,
    ),
  );

const listActivities = (deps: PostgresDeps) => ({
  beginTask: beginTask(deps),
  refreshHost: refreshHost(deps),
  planChange: planChange(deps),
  planProposal: planProposal(deps),
  placeStep: placeStep(deps),
  applyStep: applyStep(deps),
  sampleInstances: sampleInstances(deps),
  finishTask: finishTask(deps),
  listQueues: listQueues(deps),
  validateHost: validateHost(deps),
  beginOperation: beginOperation(deps),
  beginBeside: beginBeside(deps),
  listBackedUp: listBackedUp(deps),
  purgeBackups: purgeBackups(deps),
  dropBackupDirectory: dropBackupDirectory(deps),
  forgetRepositories: forgetRepositories(deps),
  openScheduledBackup: openScheduledBackup(deps),
  recordScheduledBackup: recordScheduledBackup(deps),
  noteInstance: noteInstance(deps),
  takeBackup: takeBackup(deps),
  findStandbys: findStandbys(deps),
  openStandby: openStandby(deps),
  closeStandby: closeStandby(deps),
  readCatalogue: readCatalogue(deps),
  removeBackup: removeBackup(deps),
  verifyBackup: verifyBackup(deps),
  findDueBackups: findDueBackups(deps),
  beginWaiting: beginWaiting(deps),
  takeDatabase: takeDatabase(deps),
  findNode: findNode(deps),
  prepareSwitchover: prepareSwitchover(deps),
  switchOver: switchOver(deps),
  checkPrimary: checkPrimary(deps),
  awaitRelease: awaitRelease(deps),
  prepareFailover: prepareFailover(deps),
  failOver: failOver(deps),
  noteStart: noteStart(deps),
  restartPostgres: restartPostgres(deps),
  awaitReady: awaitReady(deps),
  setStopped: setStopped(deps),
  beginRemoval: beginRemoval(deps),
  awaitUpdate: awaitUpdate(deps),
  leaveSwarm: leaveSwarm(deps),
  forgetHost: forgetHost(deps),
  failRemoval: failRemoval(deps),
  ...restoreActivities(deps),
});
export type Activities = ReturnType<typeof createActivities>;
export type { ActivityDeps } from './deps.ts';
export type { PostgresDeps } from './postgres/deps.ts';
export type { OwnedInput } from './own.ts';
export type { DatabaseTask } from './postgres/database-task.ts';
export type { PlanFocus } from './focus-plan.ts';
export { workOf } from './works.ts';
export type { ActivityHook } from './heed-cancel.ts';
export type { TimeoutBefore } from './former-attempt.ts';
export type { BackupRequest } from './backup-node.ts';
export type { StandbyInput } from './standby.ts';
export type { OpenRun } from './scheduled-backup.ts';
export type { NodeFacts, NodeMember } from './find-node.ts';
export type { ChosenBackup } from '@windlass/resources/restore';
export type { NodeRestore, RestoreSite } from './restore/index.ts';
export type { PlacedStep } from './place-steps.ts';
export { CONTROL_QUEUE, hostQueue } from './placement.ts';
