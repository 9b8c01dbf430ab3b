import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { ActivityDeps } from '@windlass/activities';
import { postgresWatchers } from '@windlass/resources/postgres/watchers';
import { holdKeys } from '@windlass/resources/store';
import type { Payloads } from '@windlass/resources/platform/payloads';
import type { Watcher } from '@windlass/resources/watcher';
import type { WorkerConfig } from './config.ts';
import { openDeps, openHeartbeat, present, type OpenedDeps } from './deps.ts';
import { HostWall } from './host-wall.ts';
import { LeftoverRemover } from './leftovers.ts';
import { certificateLooks } from './look-at-certificates.ts';
import { clockLooks } from '@windlass/resources/platform/trust';
import { HostRemovedError, HostReporter } from './report-host.ts';
import { createSchedules } from './schedules.ts';
import { createWorkers, openTemporal, runUntil } from './temporal.ts';
import { openTimeoutBefore } from './timeout-before.ts';
import { untilReady } from './until-ready.ts';
import { wallPlaces } from './wall-places.ts';

/** What tests and measurements change about a worker. */
export interface Instead extends Pick<ActivityDeps, 'hook' | 'activityHook'> {
  /** Replaces what acts on this host. */
  driver?(opened: OpenedDeps): OpenedDeps;
}

/** Runs until SIGTERM or SIGINT; then finishes what it can within the grace time. */
export async function runWorker(config: WorkerConfig, log: Logger, { driver, ...hooks }: Instead = {}): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) =>
      log.warn({ level, ...meta, error: undefined }, message),
    ),
  });
  await mkdir(config.WINDLASS_DATA_DIR, { recursive: true });
  const onError = (err: unknown): void => log.warn({ err }, 'background work failed');
  const connecting = openTemporal(config);
  const schedulesOf = ({ codec }: Payloads) => createSchedules(connecting, config.WINDLASS_TEMPORAL_NAMESPACE, codec);
  const [connection, real] = await Promise.all([connecting, openDeps(config, schedulesOf, log)]);
  // Until here there is nothing to finish: a signal ends the process, also while it waits for the store.
  const ending = new AbortController();
  void Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]).then(() => ending.abort());
  const opened = driver ? driver(real) : real;
  const repairs = config.WINDLASS_REPAIR === 'auto';
  const { watchers: ofPostgres, sample } = postgresWatchers({
    ...opened,
    log,
    onError,
    mends: repairs,
    leaves: opened.trust.book,
  });
  // A simulated host has no containers.
  const wall = driver ? undefined : openWall(config, opened, log);
  const watchers: readonly Watcher[] = [...ofPostgres, new LeftoverRemover({ ...opened, present }, log)];
  const timeoutBefore = openTimeoutBefore(connection, config.WINDLASS_TEMPORAL_NAMESPACE);
  const deps = {
    ...opened,
    sampleInstances: sample,
    timeoutBefore,
    ...hooks,
  };
  const creating = untilReady(opened.payloads, ending.signal, (err) =>
    log.warn({ err }, 'takes no tasks until it has the key of what Temporal keeps; trying again'),
  ).then(() => createWorkers(connection, config, deps, opened.payloads.codec));
  creating.catch(() => undefined); // it is waited for below
  const pingTemporal = (): Promise<unknown> =>
    connection.withDeadline(Date.now() + 2000, () => connection.workflowService.getSystemInfo({}));
  const heartbeat = await openHeartbeat(config, opened.trust, onError);
  const probes = {
    kv: opened.kv,
    clients: opened.clients,
    pingTemporal,
    certificates: certificateLooks(config, opened.trust.book),
    clock: clockLooks('this host', config.WINDLASS_ETCD_ENDPOINTS, opened.trust.leaf),
    ...(wall && { firewall: () => wall.component() }),
    heartbeat: heartbeat.started,
  };
  const host = new HostReporter(probes, config, onError);
  const stopHolding =
    real.masterKeys && holdKeys(real.kv, real.masterKeys, { role: 'control', id: config.WINDLASS_HOST_ID }, onError);
  wall?.start();
  await host.start((err) => {
    log.warn({ err }, 'this host was removed');
    ending.abort(err);
  });
  for (const watcher of watchers) await watcher.start();
  try {
    await runUntil(ending.signal, creating, (queues) => log.info({ queues }, 'worker ready'));
  } finally {
    host.stop();
    wall?.stop();
    if (ending.signal.reason instanceof HostRemovedError) await wall?.remove();
    stopHolding?.();
    await heartbeat.stop();
    for (const watcher of [...watchers].reverse()) await watcher.stop();
    await opened.close();
    await connection.close();
  }
}

const openWall = (config: WorkerConfig, { clients, kv }: OpenedDeps, log: Logger): HostWall =>
  new HostWall({
    docker: clients.docker,
    dataDir: config.WINDLASS_DATA_DIR,
    places: wallPlaces(config, kv, log),
    log,
  });
