import { createRequire } from 'node:module';
import { NativeConnection, Runtime, Worker, type DefaultLogger } from '@temporalio/worker';
import type { DataConverter, PayloadCodec } from '@temporalio/common';
import { CONTROL_QUEUE, createActivities, hostQueue, type PostgresDeps } from '@windlass/activities';
import { readTemporalTls } from '@windlass/resources/platform/settings';
import type { WorkerConfig } from './config.ts';

export type TemporalLogger = DefaultLogger;

/** Fails with one readable line: the address, and what may be wrong. */
export async function openTemporal(config: WorkerConfig): Promise<NativeConnection> {
  const { tls, bad } = await readTemporalTls(config);
  if (bad.length > 0) throw new Error(`the worker's files cannot be used:\n${bad.join('\n')}`);
  const address = config.WINDLASS_TEMPORAL_ADDRESS;
  try {
    return await NativeConnection.connect({ address, grpcCompression: { codec: 'none' }, ...(tls && { tls }) });
  } catch (err) {
    const how = tls ? 'with the certificate of WINDLASS_TEMPORAL_TLS_CERT' : 'in plain text';
    const reason = err instanceof Error ? err.message : String(err);
    throw new Error(`cannot connect to Temporal at ${address} ${how}: ${reason}`, { cause: err });
  }
}

/** One worker for workflows and bookkeeping, where this host is trusted with them, and one for everything that has to happen here. */
export async function createWorkers(
  connection: NativeConnection,
  config: WorkerConfig,
  deps: PostgresDeps,
  codec: PayloadCodec,
): Promise<Worker[]> {
  const { resolve } = createRequire(import.meta.url);
  const dataConverter: DataConverter = {
    payloadCodecs: [codec],
    failureConverterPath: resolve('@windlass/workflows/failure-converter'),
  };
  const common = {
    connection,
    namespace: config.WINDLASS_TEMPORAL_NAMESPACE,
    dataConverter,
    activities: createActivities(deps),
    maxHeartbeatThrottleInterval: '300ms',
    defaultHeartbeatThrottleInterval: '300ms',
    shutdownGraceTime: '1s',
    identity: `${config.WINDLASS_HOST_ID}@${String(process.pid)}`,
  } as const;
  const host = Worker.create({ ...common, taskQueue: hostQueue(config.WINDLASS_HOST_ID) });
  if (config.WINDLASS_CA_KEY === undefined) return [await host];
  const control = Worker.create({
    ...common,
    taskQueue: CONTROL_QUEUE,
    workflowBundle: { codePath: resolve('@windlass/workflows/bundle') },
    stickyQueueScheduleToStartTimeout: '1s',
  });
  return Promise.all([control, host]);
}

/** Runs workers, once they are there, until the signal; what they do then is finished within the grace time. */
export async function runUntil(
  signal: AbortSignal,
  creating: Promise<readonly Worker[]>,
  isReady: (queues: readonly string[]) => void,
): Promise<void> {
  const workers = await creating.catch((err: unknown) => {
    if (signal.aborted) return [];
    throw err;
  });
  const running = Promise.all(workers.map((worker) => worker.run()));
  // Temporal's runtime listens for the same signals as we do: a worker that is ending already must not be told again.
  const shutDown = (): void => workers.forEach((worker) => worker.getState() === 'RUNNING' && worker.shutdown());
  if (signal.aborted) shutDown();
  else isReady(workers.map(({ options }) => options.taskQueue));
  signal.addEventListener('abort', shutDown);
  await running;
}

export { Runtime };
