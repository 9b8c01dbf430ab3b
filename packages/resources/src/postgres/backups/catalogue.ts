import { isFormer, type KnownCluster } from './history.ts';

/** One backup in one repository, as pgBackRest tells it. Times are ISO 8601, sizes bytes. */
export interface Backup {
  readonly label: string;
  readonly type: 'full' | 'diff' | 'incr';
  /** Position of the repository in the configuration, from 1. */
  readonly repository: number;
  readonly startedAt: string;
  /** From here on it can be restored. */
  readonly finishedAt: string;
  /** Of the database. */
  readonly databaseBytes: number;
  /** Of what had to be copied. */
  readonly copiedBytes: number;
  /** What it takes up in the repository. */
  readonly storedBytes: number;
  readonly walStart: string;
  readonly walStop: string;
  readonly lsnStart: string;
  readonly lsnStop: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Backups it cannot be restored without. */
  readonly needs: readonly string[];
  readonly encrypted: boolean;
  /** A page did not have its checksum when it was copied. */
  readonly damaged: boolean;
  /** The task that made it. */
  readonly taskId?: string;
  /** It is of a former database of the same id, see `isFormer`. */
  readonly former?: true;
}

export interface RepositoryState {
  readonly position: number;
  /** Why it cannot be used; absent when it can. */
  readonly problem?: string;
  readonly walMin?: string;
  readonly walMax?: string;
}

export interface Catalogue {
  /** Oldest first. */
  readonly backups: readonly Backup[];
  readonly repositories: readonly RepositoryState[];
}

/** Annotation that ties a backup to its task, so that one which was begun twice is taken once. */
export const TASK_ANNOTATION = 'windlass-task';

interface InfoBackup {
  readonly annotation?: Readonly<Record<string, string>> | null;
  readonly archive: { readonly start: string; readonly stop: string };
  readonly database: { readonly id: number; readonly 'repo-key': number };
  readonly error?: boolean;
  readonly info: {
    readonly size: number;
    readonly delta: number;
    readonly repository: { readonly delta: number };
  };
  readonly label: string;
  readonly lsn?: { readonly start: string; readonly stop: string };
  readonly reference: readonly string[] | null;
  readonly timestamp: { readonly start: number; readonly stop: number };
  readonly type: Backup['type'];
}
interface InfoStanza {
  readonly archive: readonly {
    readonly database: { readonly 'repo-key': number };
    readonly min: string | null;
    readonly max: string | null;
  }[];
  readonly backup: readonly InfoBackup[];
  readonly db?: readonly KnownCluster[];
  readonly repo: readonly {
    readonly key: number;
    readonly cipher: string;
    readonly status: { readonly code: number; readonly message: string };
  }[];
}

/** `no valid backups`: it is empty, and fine. */
const EMPTY = 2;

/** What `pgbackrest info --output=json` says of the one stanza. */
export function parseCatalogue(info: string): Catalogue {
  const [stanza] = JSON.parse(info) as InfoStanza[];
  if (!stanza) return { backups: [], repositories: [] };
  const encrypted = new Set(stanza.repo.filter((r) => r.cipher !== 'none').map((r) => r.key));
  return {
    backups: stanza.backup
      .map((one) => toBackup(one, encrypted, stanza.db ?? []))
      .sort((a, b) => (a.finishedAt < b.finishedAt ? -1 : 1)),
    repositories: stanza.repo.map(({ key, status }) => {
      const archives = stanza.archive.filter((a) => a.database['repo-key'] === key);
      const [first, last] = [archives[0]?.min, archives.at(-1)?.max];
      return {
        position: key,
        ...(status.code !== 0 &&
          status.code !== EMPTY && { problem: (status.message.split('\n')[0] ?? '').slice(0, 300) }),
        ...(first && { walMin: first }),
        ...(last && { walMax: last }),
      };
    }),
  };
}

function toBackup(one: InfoBackup, encrypted: ReadonlySet<number>, clusters: readonly KnownCluster[]): Backup {
  const { [TASK_ANNOTATION]: taskId, ...annotations } = one.annotation ?? {};
  const time = (seconds: number): string => new Date(seconds * 1000).toISOString();
  return {
    label: one.label,
    type: one.type,
    repository: one.database['repo-key'],
    startedAt: time(one.timestamp.start),
    finishedAt: time(one.timestamp.stop),
    databaseBytes: one.info.size,
    copiedBytes: one.info.delta,
    storedBytes: one.info.repository.delta,
    walStart: one.archive.start,
    walStop: one.archive.stop,
    lsnStart: one.lsn?.start ?? '',
    lsnStop: one.lsn?.stop ?? '',
    annotations,
    needs: one.reference ?? [],
    encrypted: encrypted.has(one.database['repo-key']),
    damaged: one.error ?? false,
    ...(taskId !== undefined && { taskId }),
    ...(isFormer(clusters, one) && { former: true as const }),
  };
}
