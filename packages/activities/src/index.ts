import { applyStep } from './core/apply-step.ts';
import { readCatalogue } from './postgres/backup-catalogue.ts';
import { takeBackup } from './postgres/backup-node.ts';
import { removeBackup, verifyBackup } from './postgres/change-backup.ts';
import { findDueBackups } from './postgres/due-backups.ts';
import { awaitReady } from './postgres/await-ready.ts';
import { beginBeside } from './core/begin-beside.ts';
import { beginOperation } from './core/begin-operation.ts';
import { awaitUpdate } from './hosts/await-update.ts';
import { beginTask } from './core/begin-task.ts';
import { beginWaiting } from './core/begin-waiting.ts';
import type { PostgresDeps } from './postgres/deps.ts';
import { awaitRelease, checkPrimary, failOver, prepareFailover } from './postgres/failover.ts';
import { tellSilence } from './core/former-attempt.ts';
import { endUnknownFailures } from './core/end-unknown-failures.ts';
import { compareNodes, readConflicts, skipTransaction } from './postgres/replicated.ts';
import { awaitMove, beginDrain, endDrain } from './hosts/drain-host.ts';
import { findNode } from './postgres/find-node.ts';
import { failRemoval, forgetHost } from './hosts/end-removal.ts';
import { finishTask } from './core/finish-task.ts';
import { heedCancel } from './core/heed-cancel.ts';
import { leaveSwarm } from './hosts/leave-swarm.ts';
import { placeStep } from './core/place-step.ts';
import { olderInputs } from './postgres/older-inputs.ts';
import { planChange } from './core/plan-change.ts';
import { planProposal } from './core/plan-proposal.ts';
import { refreshHost } from './core/refresh-host.ts';
import { beginRemoval } from './hosts/remove-host.ts';
import { tellRetries } from './core/retries.ts';
import { restoreActivities } from './postgres/restore/index.ts';
import { listQueues } from './core/list-queues.ts';
import { dropBackupDirectory, forgetRepositories, listBackedUp, purgeBackups } from './postgres/purge-backups.ts';
import { noteInstance } from './postgres/note-instance.ts';
import { noteStart, restartPostgres } from './postgres/restart.ts';
import { sampleInstances } from './postgres/sample-instances.ts';
import { openLogin } from './postgres/open-login.ts';
import { readLog } from './postgres/read-log.ts';
import { openScheduledBackup, recordScheduledBackup } from './postgres/scheduled-backup.ts';
import { closeStandby, findStandbys, openStandby } from './postgres/standby.ts';
import { remakeNodes } from './postgres/remake-nodes.ts';
import { setStopped } from './postgres/set-stopped.ts';
import { prepareSwitchover, switchOver } from './postgres/switchover.ts';
import { takeEntity } from './core/take-entity.ts';
import { validateHost } from './postgres/validate-host.ts';

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
  takeDatabase: takeEntity(deps),
  findNode: findNode(deps),
  skipTransaction: skipTransaction(deps),
  compareNodes: compareNodes(deps),
  readConflicts: readConflicts(deps),
  openLogin: openLogin(deps),
  readLog: readLog(deps),
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
  remakeNodes: remakeNodes(deps),
  beginRemoval: beginRemoval(deps),
  awaitUpdate: awaitUpdate(deps),
  leaveSwarm: leaveSwarm(deps),
  forgetHost: forgetHost(deps),
  failRemoval: failRemoval(deps),
  beginDrain: beginDrain(deps),
  awaitMove: awaitMove(deps),
  endDrain: endDrain(deps),
  ...restoreActivities(deps),
});
export type Activities = ReturnType<typeof createActivities>;
export type { ActivityDeps } from './core/deps.ts';
export type { PostgresDeps } from './postgres/deps.ts';
export type { OwnedInput } from './core/own.ts';
export type { DatabaseTask } from './postgres/database-task.ts';
export type { PlanFocus } from './postgres/focus-plan.ts';
export { workOf } from './works.ts';
export type { ActivityHook } from './core/heed-cancel.ts';
export type { TimeoutBefore } from './core/former-attempt.ts';
export type { BackupRequest } from './postgres/backup-node.ts';
export type { StandbyInput } from './postgres/standby.ts';
export type { AtReplicator } from './postgres/replicated.ts';
export type { OpenRun } from './postgres/scheduled-backup.ts';
export type { NodeFacts, NodeMember } from './postgres/find-node.ts';
export type { ChosenBackup } from '@windlass/resources/postgres/restore';
export type { NodeRestore, RestoreSite } from './postgres/restore/index.ts';
export type { PlacedStep } from './core/place-steps.ts';
export { CONTROL_QUEUE, hostQueue } from './core/placement.ts';
