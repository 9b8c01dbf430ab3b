import { once } from 'node:events';
import type { Logger } from 'pino';
import { Replicator, type Condition, type Parts } from '@windlass/data/replicate';
import type { ReplicatorConfig } from './config.ts';
import { endpointOf, readTls } from './endpoints.ts';
import { serve } from './http.ts';

/** Elsewhere the pages are for those with a certificate. */
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** Runs until SIGTERM or SIGINT; then ends after what is in hand, within 2 s. Killed anywhere it loses nothing. */
export async function runReplicator(config: ReplicatorConfig, log: Logger, parts?: Parts): Promise<void> {
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const spillDirectory = config.WINDLASS_SPILL_DIR;
  const replicator = new Replicator({
    me: { number: config.WINDLASS_NODE_NUMBER, name: config.WINDLASS_NODE_NAME },
    own: endpointOf(config, config.WINDLASS_NODE_HOSTS),
    peers: config.WINDLASS_PEERS.map(({ hosts, ...peer }) => ({ ...peer, endpoint: endpointOf(config, hosts) })),
    ...(spillDirectory !== undefined && { spillDirectory }),
    onCondition: (condition, holds) => tell(log, condition, holds),
    ...(parts && { parts }),
  });
  const isLocal = LOOPBACK.includes(config.WINDLASS_LISTEN.host);
  const server = await serve(config.WINDLASS_LISTEN, () => replicator.status, isLocal ? undefined : readTls(config));
  replicator.start();
  log.info({ listen: server.address() }, 'replicator runs');
  await stopped;
  server.close();
  server.closeAllConnections();
  await replicator.stop();
  log.info('replicator stopped');
}

function tell(log: Logger, { type, peer, message }: Condition, holds: boolean): void {
  if (holds) log.warn({ condition: type, peer }, message);
  else log.info({ condition: type, peer }, `no longer: ${message}`);
}
