import { pino } from 'pino';
import { loadSqlParser } from '@windlass/resources/spec';
import { joinAndKeep, withJoinedSettings } from '@windlass/resources/trust';
import { buildApp } from './app.ts';
import { renewRights } from './cluster/renew-rights.ts';
import { isUnjoined, readConfig, readEdgeConfig, type EdgeConfig } from './config.ts';
import { connect, type Connected } from './connect.ts';
import type { ServerDeps } from './deps.ts';
import { LateDeps } from './late-deps.ts';
import { listen, publicNamesOf, urlsOf } from './listen.ts';
import { startRounds } from './rounds.ts';
import { UnreadableRecords } from './unreadable-records.ts';

/** A stop that takes longer is cut short: everything that was accepted is stored already. */
const STOP_WITHIN_MS = 10_000;

const log = pino({ base: { app: 'server' } });
const unreadable = new UnreadableRecords((facts, message) => log.error(facts, message));

/** A server of a cluster; or one that answers `cluster_not_initialized` until it is joined to one. */
async function run(): Promise<() => Promise<void>> {
  const env = await withJoinedSettings(process.env);
  const edge = readEdgeConfig(env);
  log.level = edge.WINDLASS_LOG_LEVEL;
  await loadSqlParser();
  const running: { connected?: Connected; stopRounds?: () => void } = {};
  const begin = async (settings: typeof env): Promise<ServerDeps> => {
    const config = readConfig(settings);
    running.connected = await connect(config, urlsOf(edge), unreadable);
    running.stopRounds = startRounds(running.connected.deps, config, log);
    renewRights(running.connected.deps).catch((err: unknown) =>
      log.warn({ err }, 'the rights of hosts are from before'),
    );
    return running.connected.deps;
  };
  const deps = isUnjoined(env) ? unjoined(edge, env, begin) : await begin(env);
  const stopListening = await listen(await buildApp(deps, log, { publicNames: publicNamesOf(edge) }), edge);
  log.info({ urls: urlsOf(edge) }, 'server ready');
  return async () => {
    running.stopRounds?.();
    await stopListening();
    await running.connected?.close();
  };
}

/** Joins once; what that brought is used at once and again at the next start. */
function unjoined(
  edge: EdgeConfig,
  env: Readonly<Record<string, string | undefined>>,
  begin: (settings: Readonly<Record<string, string | undefined>>) => Promise<ServerDeps>,
): ServerDeps {
  const joiner = {
    id: edge.WINDLASS_SERVER_ID,
    addresses: edge.WINDLASS_SERVER_ADDRESSES,
    role: 'server' as const,
    plainHttp: edge.WINDLASS_JOIN_PLAIN_HTTP,
  };
  const late: LateDeps = new LateDeps(async (token) => {
    const { settings } = await joinAndKeep(edge.WINDLASS_STATE_DIR ?? '', token, joiner);
    late.attach(await begin({ ...settings, ...env }));
  }, unreadable);
  return late.deps;
}

function stopOnSignals(stop: () => Promise<void>): void {
  const onSignal = (signal: string): void => {
    log.info({ signal }, 'server stopping');
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    stop().then(
      () => process.exit(0),
      (err: unknown) => fail(err),
    );
  };
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);
}

function fail(err: unknown): void {
  log.fatal({ reason: err instanceof Error ? err.message : String(err) }, 'server failed');
  process.exit(1);
}

run().then(stopOnSignals, fail);
