import { Client, Connection, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
  type PayloadCodec,
  type SearchAttributePair,
} from '@temporalio/common';
import type { TemporalTls } from '@windlass/resources/platform/settings';
import type { ServerConfig } from './config.ts';
import type { Temporal, WorkflowRun, WorkflowStart } from './core/deps.ts';
import { NewerAttribute, type Attributes } from './newer-attribute.ts';
import { ensureAttributes } from './prepare-namespace.ts';
import { toDomainError } from './core/temporal-errors.ts';

const DEADLINE_MS = 2000;
const ATTRIBUTES_DEADLINE_MS = 10_000;
/** A workflow that is waited for times out this much before the wait, so that the answer can tell which of the two is away. */
const MARGIN_MS = 250;

export interface OpenTemporal extends Temporal {
  /** Tells it of the search attributes it lacks. */
  addAttributes(): Promise<void>;
  close(): Promise<void>;
}

/** Connects lazily: the server starts, and says what is wrong, while Temporal is away. */
export function openTemporal(config: ServerConfig, codec: PayloadCodec, tls?: TemporalTls): OpenTemporal {
  const connection = Connection.lazy({
    address: config.WINDLASS_TEMPORAL_ADDRESS,
    connectTimeout: DEADLINE_MS,
    interceptors: [], // the library's own retries outlast every deadline; the outbox retries what must not be lost
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 500 },
    ...(tls && { tls }),
  });
  const dataConverter = { payloadCodecs: [codec] };
  const client = new Client({ connection, namespace: config.WINDLASS_TEMPORAL_NAMESPACE, dataConverter });
  const call = <T>(work: () => Promise<T>, ms = DEADLINE_MS): Promise<T> =>
    reach(config.WINDLASS_TEMPORAL_ADDRESS, () => connection.withDeadline(Date.now() + ms, work));
  const attribute = new NewerAttribute();
  const begin = (request: WorkflowStart, limits: { workflowExecutionTimeout?: number } = {}) =>
    attribute.start(request.attributes ?? {}, (attributes) =>
      client.workflow.start(request.type, { ...optionsOf(request, attributes), ...limits }),
    );

  return {
    start: (request) =>
      call(async () => {
        try {
          await begin(request);
          return 'started';
        } catch (err) {
          if (err instanceof WorkflowExecutionAlreadyStartedError) return 'already_running';
          throw err;
        }
      }),
    execute: async (request, timeoutMs) => {
      const handle = await call(() => begin(request, { workflowExecutionTimeout: timeoutMs - MARGIN_MS }));
      return (await call(() => handle.result(), timeoutMs)) as never;
    },
    cancel: (workflowId, runId) =>
      call(async () => {
        try {
          await client.workflow.getHandle(workflowId, runId).cancel();
          return 'requested';
        } catch (err) {
          if (err instanceof WorkflowNotFoundError) return 'not_running';
          throw err;
        }
      }),
    terminate: (workflowId, runId, reason) =>
      call(async () => {
        try {
          await client.workflow.getHandle(workflowId, runId).terminate(reason);
        } catch (err) {
          if (!(err instanceof WorkflowNotFoundError)) throw err;
        }
      }),
    runOf: (workflowId) => call(() => runOf(client, workflowId)),
    isRunning: (workflowId) => call(async () => (await runOf(client, workflowId)) !== undefined),
    hasWorker: (queue) =>
      call(async () => {
        const { pollers } = await client.workflowService.describeTaskQueue({
          namespace: config.WINDLASS_TEMPORAL_NAMESPACE,
          taskQueue: { name: queue },
          taskQueueType: 1,
        });
        const since = Date.now() / 1000 - 90;
        return (pollers ?? []).some((p) => Number(p.lastAccessTime?.seconds ?? 0) > since);
      }),
    addAttributes: () =>
      call(async () => {
        await ensureAttributes(connection, { namespace: config.WINDLASS_TEMPORAL_NAMESPACE });
        attribute.learned();
      }, ATTRIBUTES_DEADLINE_MS),
    close: () => connection.close(),
  };
}

async function runOf(client: Client, workflowId: string): Promise<WorkflowRun | undefined> {
  try {
    const { status, runId, memo } = await client.workflow.getHandle(workflowId).describe();
    const taskId = memo?.[TASK];
    return status.name === 'RUNNING' ? { runId, ...(typeof taskId === 'string' && { taskId }) } : undefined;
  } catch (err) {
    if (err instanceof WorkflowNotFoundError) return undefined;
    throw err;
  }
}

/** Key of a run's memo. */
const TASK = 'taskId';

function optionsOf({ id, input, summary, details, taskId }: WorkflowStart, attributes: Attributes) {
  const pairs = Object.entries(attributes).map(([name, value]) => attribute(name, value));
  return {
    workflowId: id,
    taskQueue: 'control',
    args: [input],
    staticSummary: summary,
    ...(details !== undefined && { staticDetails: details }),
    ...(taskId !== undefined && { memo: { [TASK]: taskId } }),
    ...(pairs.length > 0 && { typedSearchAttributes: new TypedSearchAttributes(pairs) }),
  };
}

const attribute = (name: string, value: string | readonly string[]): SearchAttributePair =>
  typeof value === 'string'
    ? { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value }
    : { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD_LIST), value: [...value] };

async function reach<T>(address: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (err) {
    throw toDomainError(err, address);
  }
}
