import type { Backup } from '@windlass/resources/postgres/backups';
import { wireTime } from '../core/tasks/read-tasks.ts';
import type { InstanceStatus } from '@windlass/resources/postgres/records';

/**
 * Of the data a node has now: from the end of its oldest backup to the last commit that is surely archived. Backups of a former
 * database of the id have windows of their own.
 */
export function restorable(
  backups: readonly Backup[],
  statuses: readonly InstanceStatus[],
): { earliest_restorable?: string; latest_restorable?: string } {
  const present = backups.filter((b) => !b.former);
  const [oldest] = present;
  if (!oldest) return {};
  const archived = statuses.map((s) => s.archiving?.archivedUntil).find((at) => at !== undefined);
  const newest = present.at(-1)?.finishedAt ?? oldest.finishedAt;
  const latest = archived !== undefined && archived > newest ? archived : newest;
  return { earliest_restorable: wireTime(oldest.finishedAt), latest_restorable: wireTime(latest) };
}
