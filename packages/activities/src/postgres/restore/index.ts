import type { ActivityDeps } from '../../core/deps.ts';
import { archiveNow } from './archive-now.ts';
import { copyBackup, findBackup, recoverCopy } from './copy-backup.ts';
import { locateRestore } from './locate-restore.ts';
import { restoreSources } from './restore-sources.ts';
import {
  discardRestore,
  dropData,
  holdInstance,
  noteSwap,
  releaseInstance,
  resumeBackups,
  swapData,
  swapDataBack,
} from './swap-data.ts';

/** What a workflow of a restore may ask for. */
export const restoreActivities = (deps: ActivityDeps) => ({
  locateRestore: locateRestore(deps),
  archiveNow: archiveNow(deps),
  restoreSources: restoreSources(deps),
  findBackup: findBackup(deps),
  copyBackup: copyBackup(deps),
  recoverCopy: recoverCopy(deps),
  holdInstance: holdInstance(deps),
  releaseInstance: releaseInstance(deps),
  swapData: swapData(deps),
  swapDataBack: swapDataBack(deps),
  dropData: dropData(deps),
  noteSwap: noteSwap(deps),
  resumeBackups: resumeBackups(deps),
  discardRestore: discardRestore(deps),
});
export type { NodeRestore } from './restore-facts.ts';
export type { RestoreSite } from './locate-restore.ts';
