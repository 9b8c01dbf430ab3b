import type { WorkflowCall } from '../../tasks/workflow-inputs.ts';

export type * from './docker-port.ts';

export interface HostFacts {
  readonly hostId: string;
  /** Absolute path under which every directory of an instance lives, as the Docker engine sees it. */
  readonly dataDir: string;
  readonly swarmNodeId: string;
  readonly clientAddresses: readonly string[];
  /** Owner of the data directories: the `postgres` user of the images. */
  readonly ownerUid: number;
  readonly ownerGid: number;
  /** Client URLs of etcd as a container on this host reaches them. */
  readonly etcdEndpoints: readonly string[];
  /** Directories `extra_volumes` may come from. */
  readonly allowedVolumeRoots: readonly string[];
}

/** Paths are relative to `HostFacts.dataDir`; a path that leaves it is refused. */
export interface FilesPort {
  absolute(path: string): string;
  /** Creates it with its parents; owner and mode are set on the last part. Returns false if it was there as asked. */
  ensureDirectory(path: string, mode: number): Promise<boolean>;
  directory(path: string): Promise<{ readonly mode: number; readonly uid: number; readonly gid: number } | undefined>;
  /** What is in a directory, and where its symbolic links lead; nothing when there is no such directory. */
  entries(path: string): Promise<readonly { readonly name: string; readonly link?: string }[]>;
  /** Whole or not at all (temporary file and rename); mode 0600 or as given, owned by the instance's user. */
  write(path: string, content: string, mode?: number): Promise<void>;
  read(path: string): Promise<string | undefined>;
  /** Renames a file or directory within one directory or two of the same disk, and waits until that is on it. */
  rename(from: string, to: string): Promise<void>;
  /** Bytes that are free on the disk of a directory. */
  freeBytes(path: string): Promise<number>;
  /** Removes the directory when nothing is in it. */
  removeEmpty(path: string): Promise<void>;
  removeTree(path: string): Promise<void>;
}

export interface CertificatesPort {
  caPem(): Promise<string>;
  /** A leaf for servers and clients, P-256, signed by the cluster's CA. Whoever signs may make it for fewer days. */
  issue(request: {
    readonly commonName: string;
    readonly names: readonly string[];
    readonly days: number;
    /** The key it is for; a new one unless given. */
    readonly keyPem?: string | undefined;
    /** The database that `commonName` is about: whoever signs need not look for it. */
    readonly databaseId?: string | undefined;
  }): Promise<{ readonly certPem: string; readonly keyPem: string; readonly notAfter: string }>;
}

/** What Temporal starts at the times of a timetable: one run at a time, and late ones for an hour. */
export interface ScheduleRequest {
  /** Five fields, UTC. */
  readonly cron: string;
  readonly paused: boolean;
  /** Says in words what is done and when; tells one request from another, as Temporal gives no timetable back as it was given. */
  readonly note: string;
  readonly databaseId: string;
  /** Type of the task that a run opens. */
  readonly taskType: string;
  readonly workflow: ScheduledWorkflow & { readonly id: string };
}
export type ScheduledWorkflow = WorkflowCall<'scheduledBackup' | 'scheduledVerification'>;
export interface SchedulesPort {
  get(name: string): Promise<{ readonly note: string; readonly paused: boolean } | undefined>;
  /** Makes it, or makes it anew. */
  put(name: string, request: ScheduleRequest): Promise<void>;
  remove(name: string): Promise<void>;
}
