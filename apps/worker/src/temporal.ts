import { createRequire } from 'node:module';
import { NativeConnection, Runtime, Worker, type DefaultLogger } from '@temporalio/worker';
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
): Promise<Worker[]> {
  const common = {
    connection,
    namespace: config.WINDLASS_TEMPORAL_NAMESPACE,
    activities: createActivities(deps),
    maxHeartbeatThrottleInterval: '300ms',
    defaultHeartbeatThrottleInterval: '300ms',
    shutdownGraceTime: '1s',
    identity: `${config.WINDLASS_HOST_ID}@${String(process.pid)}`,
  } as const;
  const host = Worker.create({ ...common, taskQueue: hostQueue(config.WINDLASS_HOST_ID) });
  if (config.WINDLASS_CA_KEY === undefined) return [await host];
  const codePath = createRequire(import.meta.url).resolve('@windlass/workflows/bundle');
  const control = Worker.create({
    ...common,
    taskQueue: CONTROL_QUEUE,
    workflowBundle: { codePath },
    stickyQueueScheduleToStartTimeout: '1s',
  });
  return Promise.all([control, host]);
}

export { Runtime };
