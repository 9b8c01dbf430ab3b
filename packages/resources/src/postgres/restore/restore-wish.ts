import { z } from 'zod';
import { repositorySpec } from '../kinds/pgbackrest-config.ts';

const pair = z.strictObject({ hostPath: z.string(), destinationPath: z.string() });

/** The container in which the work is done: it reaches what the instance's own container reaches. */
export const restoreContainer = z.strictObject({
  imageId: z.string(),
  postgresMajor: z.int(),
  /** The instance's extra volumes. */
  volumes: z.array(pair),
  /** Networks besides Docker's own bridge, by name or id. */
  networks: z.array(z.string()),
});

/** From which backup a restore comes and where it stops. Holds no secret: the repository only names it. */
export const restoreOrigin = z.strictObject({
  repository: repositorySpec,
  source: z.strictObject({ databaseId: z.string(), nodeName: z.string(), databaseName: z.string() }),
  target: z.strictObject({
    type: z.enum(['default', 'immediate', 'time', 'lsn', 'xid', 'name']),
    value: z.string().optional(),
    exclusive: z.literal(true).optional(),
    timeline: z.int().optional(),
  }),
  /** Label of the backup; absent: the one that fits. */
  set: z.string().optional(),
  /** Options of pgBackRest, by name. */
  passed: z.record(z.string(), z.string()),
});
export type RestoreOrigin = z.output<typeof restoreOrigin>;

/** A copy of a database that is made beside an instance's data, or an earlier one that was kept. */
export interface RestorePlace {
  /** Names the directory the work is done in: the id of the task, or a fixed word. */
  readonly key: string;
  readonly databaseId: string;
  readonly nodeName: string;
  readonly instanceId: string;
  /** Whose backups on the disk of this host the container sees. */
  readonly backupsOf: string;
  readonly container: z.output<typeof restoreContainer>;
}

/** What is to be found in the copy, and what becomes of it. */
export interface RestoreAims {
  /** Name of the application's database in the copy. */
  readonly sourceName: string;
  readonly databaseName: string;
  /** It comes from another database: what belongs to that one's world is switched off. */
  readonly foreign: boolean;
}

/** A backup that was found to fit. */
export interface ChosenBackup {
  readonly label: string;
  /** Of the restored database. */
  readonly bytes: number;
  /** The timeline to follow; absent: the latest. */
  readonly timeline?: number;
  /** It is of a former database of the same id. */
  readonly former?: true;
}

/** What the copy was when it took writes for the first time. */
export interface RecoveredCopy {
  readonly timeline: number;
  readonly systemIdentifier: string;
  /** Time of the last commit that is in it, ISO 8601; absent when nobody knows. */
  readonly lastCommitAt?: string;
  /** What of the replication of its former node stays, in words: a user's objects hang on it. */
  readonly stays?: string;
}
