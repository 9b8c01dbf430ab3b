import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients } from '../clients/ports.ts';
import { domainErrorOf, DomainError } from '../../errors/index.ts';
import { lacksStanza, makeStanza } from '../kinds/index.ts';
import { pgbackrest, serviceOf } from '../inside/index.ts';
import { backupProgress, type BackupProgress } from './backup-progress.ts';
import { TASK_ANNOTATION, type Backup, type Catalogue } from './catalogue.ts';
import { readCatalogue } from './read-catalogue.ts';
import { copyFrom } from './standby-server.ts';

export interface BackupWish {
  /** The primary: pgBackRest runs in its container. */
  readonly instanceId: string;
  /** Patroni's name for the node. */
  readonly scope: string;
  readonly taskId: string;
  readonly type: Backup['type'];
  /** Positions of the repositories to write to, from 1. */
  readonly repositories: readonly number[];
  readonly annotations: Readonly<Record<string, string>>;
  /** The replica to copy from, opened for it before; the primary itself when absent. */
  readonly standby?: string;
  /** Further options; an empty value is a flag. */
  readonly options: Readonly<Record<string, string>>;
  /** Nobody has tried before, so that this task cannot have taken it yet. */
  readonly fresh?: boolean;
}

export interface BackupRun {
  readonly signal: AbortSignal;
  onProgress(progress: BackupProgress): void;
  /** What it waits for, in words. */
  onWait?(reason: string): void;
}

const PROGRESS_EVERY_MS = 500;
const LOCKED_RETRY_MS = 1000;
/** Another backup that has copied nothing for so long is not waited for any more. */
const LOCKED_FOR_MS = 15 * 60_000;

/**
 * Takes a backup into each of the repositories, one after the other. Safe to repeat: one that this task has already taken
 * is not taken again, and one that still runs (its worker died) is waited for. Gives what is in the repositories then.
 */
export async function takeBackup(clients: Clients, wish: BackupWish, run: BackupRun): Promise<Catalogue> {
  const failures: DomainError[] = [];
  for (const repository of wish.repositories) {
    await takeOne(clients, wish, repository, run).catch((err: unknown) => {
      const domain = domainErrorOf(err);
      if (run.signal.aborted || domain?.code !== 'backup_failed') throw err;
      failures.push(domain);
    });
  }
  const [first] = failures;
  if (first) throw first;
  return readCatalogue(clients, wish.instanceId, run.signal);
}

/** Where the stanza is missing it is made: a new primary may have another disk, and may not have got to it yet. */
async function takeOne(clients: Clients, wish: BackupWish, repository: number, run: BackupRun): Promise<void> {
  let stanza: 'expected' | 'missing' | 'made' = 'expected';
  const other = { bytesDone: -1, since: performance.now() };
  for (let fresh = wish.fresh === true; ; fresh = false) {
    await refuseReplica(clients, wish);
    if (!fresh && (await isTaken(clients, wish, repository, run))) return;
    try {
      if (stanza === 'missing') {
        await makeStanza(clients, wish.scope, run.signal);
        stanza = 'made';
      }
      return await begin(clients, wish, repository, run);
    } catch (err) {
      if (stanza === 'expected' && lacksStanza(err)) {
        stanza = 'missing';
        continue;
      }
      if (domainErrorOf(err)?.code !== 'backup_in_progress') throw err;
    }
    await whileLocked(clients, wish, run, other);
  }
}

async function isTaken(clients: Clients, wish: BackupWish, repository: number, run: BackupRun): Promise<boolean> {
  const { backups } = await readCatalogue(clients, wish.instanceId, run.signal);
  return backups.some((b) => b.taskId === wish.taskId && b.repository === repository);
}

async function refuseReplica({ dcs }: Clients, { scope, instanceId }: BackupWish): Promise<void> {
  const leader = await dcs.leader(scope);
  if (leader === undefined) throw new DomainError('no_primary', `'${scope}' has no primary at the moment`);
  if (leader !== instanceId) throw new DomainError('primary_moved', `the primary of '${scope}' is '${leader}' now`);
}

async function begin(clients: Clients, wish: BackupWish, repository: number, run: BackupRun): Promise<void> {
  const timer = setInterval(() => {
    void backupProgress(clients, wish.instanceId).then(
      (progress) => progress && run.onProgress(progress),
      () => undefined, // it is only shown
    );
  }, PROGRESS_EVERY_MS);
  try {
    await pgbackrest(clients, serviceOf(wish.instanceId), { args: argsOf(wish, repository), signal: run.signal });
  } catch (err) {
    throw namingStandby(err, wish);
  } finally {
    clearInterval(timer);
  }
}

/** Of a standby that ends meanwhile pgBackRest only says that it is not answered. */
function namingStandby(err: unknown, { standby }: BackupWish): unknown {
  const domain = domainErrorOf(err);
  if (standby === undefined || domain?.code !== 'backup_failed') return err;
  return new DomainError(domain.code, `copying from standby '${standby}': ${domain.message}`, {
    cause: err,
    details: domain.details,
  });
}

/** Another backup of the node runs: it is waited for while it copies. When it is ours, and we are to stop, it is told to. */
async function whileLocked(
  clients: Clients,
  wish: BackupWish,
  { signal, onProgress, onWait }: BackupRun,
  other: { bytesDone: number; since: number },
): Promise<void> {
  const progress = await backupProgress(clients, wish.instanceId);
  if (progress) onProgress(progress);
  else onWait?.('pgBackRest already works on the node: waiting for it to end');
  const { bytesDone } = progress ?? { bytesDone: other.bytesDone };
  if (bytesDone !== other.bytesDone) Object.assign(other, { bytesDone, since: performance.now() });
  if (performance.now() - other.since > LOCKED_FOR_MS)
    throw new DomainError('backup_failed', 'another pgBackRest holds the node, and has copied nothing for 15 minutes');
  try {
    await sleep(LOCKED_RETRY_MS, undefined, { signal });
  } catch (err) {
    await stopOrphan(clients, wish);
    throw err;
  }
}

/** Tells a backup of this task whose worker died to end. The shell's own line holds the id, too: it leaves itself out. */
const STOP =
  'for p in /proc/[0-9]*; do [ "$p" = "/proc/$$" ] || ! grep -qsF -- "$0" "$p/cmdline" || kill -TERM "${p#/proc/}"; done';

async function stopOrphan({ docker }: Clients, { instanceId, taskId }: BackupWish): Promise<void> {
  const container = await docker.serviceContainer(serviceOf(instanceId));
  if (container?.state !== 'running') return;
  const command = ['sh', '-c', STOP, `--annotation=${TASK_ANNOTATION}=${taskId}`];
  await docker.exec(container.id, { command, signal: AbortSignal.timeout(5000) });
}

function argsOf({ type, taskId, standby, annotations, options }: BackupWish, repository: number): string[] {
  const notes = { ...annotations, [TASK_ANNOTATION]: taskId };
  return [
    ...Object.entries(options).map(([key, value]) => (value === '' ? `--${key}` : `--${key}=${value}`)),
    ...(standby === undefined ? [] : copyFrom(standby)),
    `--repo=${String(repository)}`,
    `--type=${type}`,
    ...Object.entries(notes).map(([key, value]) => `--annotation=${key}=${value}`),
    'backup',
  ];
}
