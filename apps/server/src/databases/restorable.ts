import type { Backup } from '@windlass/resources/backups';
import type { InstanceStatus } from '@windlass/resources/store';
import { wireTime } from '../tasks/read-tasks.ts';

/** From the end of the oldest backup to the last commit that is surely archived; nothing without a backup. */
export function restorable(
  backups: readonly Backup[],
  statuses: readonly InstanceStatus[],
): { earliest_restorable?: string; latest_restorable?: string } {
  const [oldest] = backups;
  if (!oldest) return {};
  const archived = statuses.map((s) => s.archiving?.archivedUntil).find((at) => at !== undefined);
  const newest = backups.at(-1)?.finishedAt ?? oldest.finishedAt;
  const latest = archived !== undefined && archived > newest ? archived : newest;
  return { earliest_restorable: wireTime(oldest.finishedAt), latest_restorable: wireTime(latest) };
}
