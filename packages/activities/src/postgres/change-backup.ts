import { Context } from '@temporalio/activity';
import { removeBackup as remove, verifyBackup as verify } from '@windlass/resources/postgres/backups';
import { domainErrorOf } from '@windlass/resources/errors';
import { backupChecks, type BackupCheck } from '@windlass/resources/postgres/records';
import type { Kv } from '@windlass/resources/store';
import type { ActivityDeps } from '../core/deps.ts';
import { withHeartbeat } from '../core/current-run.ts';
import type { DatabaseTask } from './database-task.ts';
import { containerOf } from './container-of.ts';
import { appendTaskLog, formatDuration } from '../core/task-log.ts';

export interface OneBackup extends DatabaseTask {
  readonly nodeName: string;
  readonly instanceId: string;
  readonly label: string;
  readonly repository: number;
}

/** Removes a backup, and those that need it, from a repository. */
export function removeBackup({ kv, clients }: ActivityDeps) {
  return async function removeBackup(input: OneBackup): Promise<void> {
    const tell = (): Promise<void> => appendTaskLog(kv, input, 'not done yet: pgBackRest removes it');
    const removed = await withHeartbeat(({ signal }) => remove(clients, input, signal), tell);
    await appendTaskLog(kv, input, `removed ${removed.map((label) => `'${label}'`).join(', ')}`, { labels: removed });
  };
}

/** Restores a backup into a throw-away instance beside the one given, reads all of it, and keeps what came of it. */
export function verifyBackup(deps: ActivityDeps) {
  return async function verifyBackup(input: OneBackup): Promise<void> {
    const { kv } = deps;
    const begun = performance.now();
    const keep = (check: Omit<BackupCheck, 'checkedAt'>): Promise<void> => keepCheck(kv, input, check);
    try {
      const { networks, ...container } = await containerOf(kv, input.databaseId, input.instanceId);
      const place = { ...container, networks: ['bridge', ...networks] };
      const tell = (note: string): Promise<void> => appendTaskLog(kv, input, `not done yet: ${note}`);
      const found = await withHeartbeat((run) => verify(deps.clients, { ...input, ...place }, run), tell);
      await keep({ verified: true });
      const took = formatDuration(performance.now() - begun);
      const { databases, tables, bytesRead } = found;
      const what = `${String(databases)} databases, ${String(tables)} tables, ${String(bytesRead)} bytes`;
      await appendTaskLog(
        kv,
        input,
        `restored '${input.label}' into a throw-away instance and read ${what} (took ${took})`,
        {
          databases,
          tables,
          bytes_read: bytesRead,
        },
      );
    } catch (err) {
      if (Context.current().cancellationSignal.aborted) throw err; // whoever is canceled has proven nothing
      const found = domainErrorOf(err);
      if (found?.code === 'backup_damaged') await keep({ verified: false, error: found.message });
      if (found?.code === 'backup_not_verified') await keep({ error: found.message });
      throw err;
    }
  };
}

/** A check that proved nothing does not undo what an earlier one proved. */
export async function keepCheck(kv: Kv, input: OneBackup, check: Omit<BackupCheck, 'checkedAt'>): Promise<void> {
  const id = [input.databaseId, input.nodeName, String(input.repository), input.label] as const;
  const before = (await backupChecks.get(kv, ...id))?.value;
  if (check.verified === undefined && before?.verified === false) return;
  const provenAt = before?.verified ? before.checkedAt : before?.provenAt;
  const proven = check.verified === undefined && provenAt !== undefined ? { provenAt } : {};
  const value: BackupCheck = { checkedAt: new Date().toISOString(), ...check, ...proven };
  await kv.commit([], [backupChecks.put(value, ...id)]);
}
