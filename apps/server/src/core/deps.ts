import type { PayloadCodec } from '@temporalio/common';
import type { ClusterJoinToken } from '@windlass/resources/platform/api';
import type { HostRecord } from '@windlass/resources/platform/records';
import type { CertificateEnds } from '@windlass/resources/platform/settings';
import type { EntityRef } from '@windlass/resources/engine';
import type { OwnDoing } from '@windlass/resources/audit';
import type { LeafBook } from '@windlass/resources/platform/leaves';
import type { Kv, SecretBox } from '@windlass/resources/store';
import type { AnsweringWorkflow, WorkflowAnswers, WorkflowInputs, WorkflowName } from '@windlass/resources/tasks';
import type { Membership } from '../cluster/membership.ts';
import type { Upkeep } from './tasks/entity-upkeep.ts';
import type { UnreadableRecords } from './unreadable-records.ts';

/** What Temporal is asked to start: a workflow that there is, with the input it takes. */
export interface WorkflowStart<W extends WorkflowName = WorkflowName> {
  readonly type: W;
  readonly id: string;
  readonly input: WorkflowInputs[W];
  readonly summary: string;
  readonly details?: string;
  /** The task it is about; absent: no task. The run is known by it. */
  readonly taskId?: string;
  /** Custom search attributes, by name; several values are a list of keywords. */
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
}

export interface WorkflowRun {
  readonly runId: string;
  readonly taskId?: string;
}

/** Temporal as the server needs it. Every failure to reach it is `temporal_unavailable`. */
export interface Temporal {
  /** `already_running` when a workflow of this id is open. */
  start<W extends WorkflowName>(request: WorkflowStart<W>): Promise<'started' | 'already_running'>;
  /** Waits for what the workflow answers. */
  execute<W extends AnsweringWorkflow>(request: WorkflowStart<W>, timeoutMs: number): Promise<WorkflowAnswers[W]>;
  /** Tells the open run to stop; with `runId` no other one. */
  cancel(workflowId: string, runId?: string): Promise<'requested' | 'not_running'>;
  /** Ends a run without asking it. One that has ended is success. */
  terminate(workflowId: string, runId: string, reason: string): Promise<void>;
  /** The open run of this id, and its task where it was started for one. */
  runOf(workflowId: string): Promise<WorkflowRun | undefined>;
  /** Whether a workflow of this id is open. */
  isRunning(workflowId: string): Promise<boolean>;
  /** Whether a worker polls the queue. */
  hasWorker(queue: string): Promise<boolean>;
}

export interface ServerDeps {
  readonly kv: Kv;
  /** Where stored records are told that cannot be read. */
  readonly unreadable: UnreadableRecords;
  readonly box: SecretBox;
  readonly temporal: Temporal;
  /** Reads and writes what Temporal keeps. */
  readonly payloads: PayloadCodec;
  readonly caPem: string;
  readonly serverUrls: readonly string[];
  /** When the certificates of this server end, read anew each time. */
  readonly certificateEnds: () => Promise<CertificateEnds>;
  /** How far the clock of this server is from that of etcd. */
  readonly clockLook: () => Promise<HostRecord['components'][string]>;
  readonly membership: Membership;
  /** Id of the host this server runs on, where it runs on one. */
  readonly hostId?: string | undefined;
  /** Joins this server to another's cluster; absent on a server that was started with an etcd of its own. */
  readonly join?: ((token: ClusterJoinToken) => Promise<void>) | undefined;
  /** Every kind of entity whose tasks are started. */
  readonly upkeep: Upkeep;
  /** The certificates this server looks after. */
  readonly leaves: Pick<LeafBook, 'ended' | 'ends'>;
  readonly now: () => Date;
  /** What it is used for when nobody asks; absent: a request asks, and the door of the store audits that. */
  readonly doing?: OwnDoing | undefined;
  /** Where a request tells what becomes of what was declared, before it is written, or of an entity where nothing is; for the audit. */
  readonly noteChange?: ((before: unknown, after: unknown, entity?: EntityRef) => void) | undefined;
}
