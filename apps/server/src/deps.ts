import type { ClusterJoinToken } from '@windlass/resources/spec';
import type { Kv, SecretBox } from '@windlass/resources/store';
import type { Membership } from './cluster/membership.ts';

export interface WorkflowStart {
  readonly type: string;
  readonly id: string;
  readonly input: unknown;
  readonly summary: string;
  readonly details?: string;
  /** Custom search attributes, by name; several values are a list of keywords. */
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
}

/** Temporal as the server needs it. Every failure to reach it is `temporal_unavailable`. */
export interface Temporal {
  /** `already_running` when a workflow of this id is open. */
  start(request: WorkflowStart): Promise<'started' | 'already_running'>;
  execute<T>(request: WorkflowStart, timeoutMs: number): Promise<T>;
  cancel(workflowId: string): Promise<'requested' | 'not_running'>;
  /** Whether a workflow of this id is open. */
  isRunning(workflowId: string): Promise<boolean>;
  /** Whether a worker polls the queue. */
  hasWorker(queue: string): Promise<boolean>;
}

export interface ServerDeps {
  readonly kv: Kv;
  readonly box: SecretBox;
  readonly temporal: Temporal;
  readonly caPem: string;
  readonly serverUrls: readonly string[];
  readonly membership: Membership;
  /** Id of the host this server runs on, where it runs on one. */
  readonly hostId?: string | undefined;
  /** Joins this server to another's cluster; absent on a server that was started with an etcd of its own. */
  readonly join?: ((token: ClusterJoinToken) => Promise<void>) | undefined;
  readonly now: () => Date;
}
