import type { Clients } from '../clients/ports.ts';

export interface BackupProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** Where pgBackRest of an instance keeps its locks; the name depends on its version. */
const LOCKS = ['db-backup-1.lock', 'db-backup.lock'];

/** How far the backup is that runs now, from pgBackRest's own lock file; undefined when it does not say. */
export async function backupProgress(
  { files }: Pick<Clients, 'files'>,
  instanceId: string,
): Promise<BackupProgress | undefined> {
  for (const name of LOCKS) {
    const text = await files.read(`instances/${instanceId}/data/pgbackrest/lock/${name}`);
    const progress = text === undefined ? undefined : parseLock(text);
    if (progress) return progress;
  }
  return undefined;
}

/** A file that is being written is no whole JSON: the next look finds it. */
export function parseLock(text: string): BackupProgress | undefined {
  const [, total] = /"sz":(\d+)/.exec(text) ?? [];
  const [, done] = /"szCplt":(\d+)/.exec(text) ?? [];
  return total === undefined ? undefined : { bytesDone: Number(done ?? 0), bytesTotal: Number(total) };
}
