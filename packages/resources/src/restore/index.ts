export { dropData, ensureStanza, readKept } from './after-swap.ts';
export { archiveNow } from './archive-now.ts';
export { copyBackup } from './copy-backup.ts';
export { findBackup } from './find-backup.ts';
export { hold, release } from './hold.ts';
export { recoverCopy, type Recovery } from './recover-copy.ts';
export { restorePaths } from './restore-place.ts';
export { discardWork, swapBack, swapIn } from './swap-data.ts';
export type { ChosenBackup, RecoveredCopy, RestoreAims, RestoreOrigin, RestorePlace } from './restore-wish.ts';
