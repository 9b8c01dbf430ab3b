import { DomainError } from '../../errors/index.ts';
import { timeOf, type RestoreTarget } from '../spec/restore-target.ts';
import type { ChosenBackup } from './restore-wish.ts';

/** A backup as pgBackRest tells it. */
export interface ListedBackup {
  readonly label: string;
  /** Milliseconds since 1970 at which it could be restored for the first time. */
  readonly stoppedAt: number;
  readonly lsnStop: string;
  readonly timeline: number;
  readonly bytes: number;
  /** It is of a former database of the same id: the archive that has its WAL. */
  readonly formerArchive?: string;
}

/** What is in a repository for one node: its backups, oldest first, and one history of timelines. */
export interface Repository {
  /** Why it cannot be read; absent when it can. */
  readonly problem?: string | undefined;
  readonly backups: readonly ListedBackup[];
  readonly postgresMajor?: number | undefined;
  /** Of the timeline that was looked for, else of the latest: where each of its ancestors ended. */
  readonly history?: { readonly timeline: number; readonly ancestors: readonly Ancestor[] } | undefined;
}

export interface Ancestor {
  readonly timeline: number;
  /** Its history is ours up to here. */
  readonly until: string;
}

/** Parses `0000000A.history`: timeline, position, reason, one ancestor a line. */
export function parseHistory(text: string): Ancestor[] {
  return text.split('\n').flatMap((line) => {
    const [, timeline, until = ''] = /^\s*(\d+)\s+([0-9A-Fa-f]+\/[0-9A-Fa-f]+)/.exec(line) ?? [];
    return timeline === undefined ? [] : [{ timeline: Number(timeline), until }];
  });
}

/**
 * The newest backup from which the target can be reached on the timeline to follow; the one asked for, if it can be. Rejects
 * with what would be right.
 */
export function chooseBackup(
  { backups: all, history }: Repository,
  { target, set }: { readonly target: RestoreTarget; readonly set?: string | undefined },
  where: string,
): ChosenBackup {
  if (all.length === 0) throw new DomainError('backup_not_found', `${where} has no backup`);
  const backups = historyOf(all, set);
  if (backups.length === 0)
    throw new DomainError('backup_not_found', `${where} has no backup of it; ${formerOnes(all)}`);
  if (target.timeline !== undefined && target.timeline > 1 && history?.timeline !== target.timeline)
    throw new DomainError('backup_not_found', `${where} knows no timeline ${String(target.timeline)}`);
  const candidates = set === undefined ? backups : backups.filter((b) => b.label === set);
  if (candidates.length === 0)
    throw new DomainError('backup_not_found', `${where} has no backup '${set ?? ''}'; it has ${labelsOf(all)}`);
  const followed = target.timeline === 1 ? { timeline: 1, ancestors: [] } : history;
  const found = candidates.filter((b) => isBefore(b, target) && isOnWay(b, followed)).at(-1);
  if (!found) {
    const former = all.length > backups.length && set === undefined ? `; ${formerOnes(all)}` : '';
    throw new DomainError('backup_not_found', `${nothingFits(candidates, target, where)}${former}`);
  }
  return {
    label: found.label,
    bytes: found.bytes,
    ...(target.timeline !== undefined && { timeline: target.timeline }),
    ...(found.formerArchive !== undefined && { former: true }),
  };
}

/** The backups that share a history with the one that is asked for; without one those of the data the node has now. */
function historyOf(all: readonly ListedBackup[], set: string | undefined): ListedBackup[] {
  const archive = all.find((b) => b.label === set)?.formerArchive;
  return all.filter((b) => b.formerArchive === archive);
}

const formerOnes = (all: readonly ListedBackup[]): string =>
  `those of a former database of this id are restored when one is named with 'set': ${labelsOf(all.filter((b) => b.formerArchive !== undefined))}`;

const labelsOf = (backups: readonly ListedBackup[]): string =>
  backups
    .slice(-5)
    .map((b) => `'${b.label}'`)
    .join(', ');

/** pgBackRest's own rule: the backup was finished before the target. For a transaction or a name nobody can say. */
function isBefore(backup: ListedBackup, { type, value = '' }: RestoreTarget): boolean {
  if (type === 'time') return backup.stoppedAt < timeOf(value);
  if (type === 'lsn') return position(backup.lsnStop) <= position(value);
  return true;
}

/** A backup of a branch that was left, or of an ancestor after the branch, does not lead to the timeline. */
function isOnWay(backup: ListedBackup, history: Repository['history']): boolean {
  if (!history) return true;
  if (backup.timeline === history.timeline) return true;
  const ancestor = history.ancestors.find((a) => a.timeline === backup.timeline);
  return ancestor !== undefined && position(backup.lsnStop) <= position(ancestor.until);
}

function nothingFits(backups: readonly ListedBackup[], { type, value = '' }: RestoreTarget, where: string): string {
  const first = backups[0];
  const earliest = first ? new Date(first.stoppedAt).toISOString() : '';
  if (type === 'time') return `${where} reaches back to ${earliest}; '${value}' is before that`;
  if (type === 'lsn') return `${where} reaches back to ${first?.lsnStop ?? ''}; '${value}' is before that`;
  return `no backup of ${where} leads to the timeline asked for`;
}

/** A position in the WAL as a number. */
export function position(lsn: string): bigint {
  const [high = '0', low = '0'] = lsn.split('/');
  return (BigInt(`0x${high || '0'}`) << 32n) + BigInt(`0x${low || '0'}`);
}
