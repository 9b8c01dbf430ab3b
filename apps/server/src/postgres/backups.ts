import { randomUUID } from 'node:crypto';
import type { Backup, Catalogue } from '@windlass/resources/postgres/backups';
import { DomainError } from '@windlass/resources/errors';
import { effectiveNode, type ApiBackup, type ListBackupsResponse } from '@windlass/resources/postgres/spec';
import type { z } from 'zod';
import type { ServerDeps } from '../core/deps.ts';
import { wireTime } from '../core/tasks/read-tasks.ts';
import { refuseWithoutBackups } from './accept-backup.ts';
import { lookAttributes } from './look-attributes.ts';
import { readChecks } from './read-checks.ts';
import { readDatabase, type StoredDatabase } from './read-database.ts';
import { restorable } from './restorable.ts';
import { readInstances } from './view.ts';
import type { BackupCheck } from '@windlass/resources/postgres/records';

/** A repository in the cloud may take its time. */
const LIMIT_MS = 30_000;

type List = z.output<typeof ListBackupsResponse>;

/** What is in the repositories of a node now, with what is known of each backup. */
export async function listBackups(deps: ServerDeps, id: string, nodeName: string): Promise<List> {
  const database = await readDatabase(deps, id);
  refuseWithoutBackups(database, nodeName);
  const [catalogue, checks, statuses] = await Promise.all([
    readCatalogue(deps, id, nodeName),
    readChecks(deps.kv, id, nodeName),
    readInstances(deps.kv, id),
  ]);
  const ids = repositoryIds(database, nodeName);
  const named = (position: number) => {
    const name = ids[position - 1];
    return { repository: position, ...(name !== undefined && { repository_id: name }) };
  };
  return {
    backups: catalogue.backups.map((one) => toApiBackup(one, named(one.repository), checks)),
    repositories: catalogue.repositories.map(({ position, problem, walMin, walMax }) => ({
      ...named(position),
      ...(problem !== undefined && { problem }),
      ...(walMin !== undefined && { wal_min: walMin }),
      ...(walMax !== undefined && { wal_max: walMax }),
    })),
    ...restorable(
      catalogue.backups,
      statuses.filter((s) => s.nodeName === nodeName),
    ),
  };
}

/** One backup; of several repositories that have it, the first. `not_found` when none has. */
export async function getBackup(deps: ServerDeps, id: string, nodeName: string, label: string): Promise<ApiBackup> {
  const found = (await listBackups(deps, id, nodeName)).backups.find((one) => one.label === label);
  if (!found) throw new DomainError('not_found', 'no backup found with the given label');
  return found;
}

async function readCatalogue({ temporal }: ServerDeps, databaseId: string, nodeName: string): Promise<Catalogue> {
  return temporal.execute(
    {
      type: 'listBackups',
      id: `backups/${databaseId}/${nodeName}/${randomUUID()}`,
      input: { databaseId, nodeName },
      summary: `list the backups of node ${nodeName} of database ${databaseId}`,
      attributes: lookAttributes(databaseId, 'list_backups'),
    },
    LIMIT_MS,
  );
}

const repositoryIds = ({ stored }: StoredDatabase, nodeName: string): (string | undefined)[] =>
  (effectiveNode(stored.spec, nodeName).backups?.config.repositories ?? []).map((one) => one.id);

function toApiBackup(
  one: Backup,
  named: { repository: number; repository_id?: string },
  checks: ReadonlyMap<string, BackupCheck>,
): ApiBackup {
  const check = checks.get(`${String(one.repository)}/${one.label}`);
  return {
    label: one.label,
    type: one.type,
    ...named,
    started_at: wireTime(one.startedAt),
    finished_at: wireTime(one.finishedAt),
    database_bytes: one.databaseBytes,
    copied_bytes: one.copiedBytes,
    stored_bytes: one.storedBytes,
    wal_start: one.walStart,
    wal_stop: one.walStop,
    lsn_start: one.lsnStart,
    lsn_stop: one.lsnStop,
    ...(Object.keys(one.annotations).length > 0 && { annotations: { ...one.annotations } }),
    ...(one.needs.length > 0 && { needs: [...one.needs] }),
    encrypted: one.encrypted,
    damaged: one.damaged,
    ...provenOf(check),
    ...(check?.error !== undefined && { verify_error: check.error }),
    ...(one.taskId !== undefined && { task_id: one.taskId }),
    ...(one.former && { of_former_database: true }),
  };
}

/** What the last check that proved something said; one that could not be carried out says nothing of the backup. */
function provenOf(check: BackupCheck | undefined): Pick<ApiBackup, 'verified' | 'verified_at'> {
  if (check?.verified !== undefined) return { verified: check.verified, verified_at: wireTime(check.checkedAt) };
  return check?.provenAt === undefined ? {} : { verified: true, verified_at: wireTime(check.provenAt) };
}
