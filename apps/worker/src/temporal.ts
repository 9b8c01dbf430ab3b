import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { NativeConnection, Runtime, Worker, type DefaultLogger } from '@temporalio/worker';
import { CONTROL_QUEUE, createActivities, hostQueue, type ActivityDeps } from '@windlass/activities';
import type { WorkerConfig } from './config.ts';

export type TemporalLogger = DefaultLogger;

export async function openTemporal(config: WorkerConfig): Promise<NativeConnection> {
  const tls = await tlsOf(config);
  return NativeConnection.connect({
    address: config.WINDLASS_TEMPORAL_ADDRESS,
    grpcCompression: { codec: 'none' },
    ...(tls && { tls }),
  });
}

async function tlsOf(config: WorkerConfig) {
  const { WINDLASS_TEMPORAL_TLS_CA: ca, WINDLASS_TEMPORAL_TLS_CERT: crt, WINDLASS_TEMPORAL_TLS_KEY: key } = config;
  if (ca === undefined || crt === undefined || key === undefined) return undefined;
  const name = config.WINDLASS_TEMPORAL_TLS_SERVER_NAME;
  return {
    serverRootCACertificate: await readFile(ca),
    clientCertPair: { crt: await readFile(crt), key: await readFile(key) },
    ...(name !== undefined && { serverNameOverride: name }),
  };
}

/** One worker for workflows and bookkeeping, one for everything that has to happen on this host. */
export async function createWorkers(
  connection: NativeConnection,
  config: WorkerConfig,
  deps: ActivityDeps,
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
  const codePath = createRequire(import.meta.url).resolve('@windlass/workflows/bundle');
  return Promise.all([
    Worker.create({
      ...common,
      taskQueue: CONTROL_QUEUE,
      workflowBundle: { codePath },
      stickyQueueScheduleToStartTimeout: '1s',
    }),
    Worker.create({ ...common, taskQueue: hostQueue(config.WINDLASS_HOST_ID) }),
  ]);
}

export { Runtime };
