import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { loadSqlParser } from '@windlass/resources/postgres/spec';
import { LeafBook } from '@windlass/resources/platform/leaves';
import { joinAndKeep, withJoinedSettings, type OwnLeaf } from '@windlass/resources/platform/trust';
import { checkMasterKeys } from '@windlass/resources/store';
import { buildApp } from './app.ts';
import { renewRights } from './cluster/renew-rights.ts';
import { isUnjoined, limitsOf, readConfig, readEdgeConfig, type EdgeConfig, type ServerConfig } from './config.ts';
import { connect, type Connected } from './connect.ts';
import { issuerOf } from './core/door/issuer.ts';
import { LateDeps } from './late-deps.ts';
import { listen, openServerLeaf, publicNamesOf, urlsOf } from './listen.ts';
import { openStore } from './open-store.ts';
import { startRounds } from './rounds.ts';
import { UnreadableRecords } from './core/unreadable-records.ts';

/** A stop that takes longer is cut short: everything that was accepted is stored already. */
const STOP_WITHIN_MS = 10_000;

const log = pino({ base: { app: 'server' } });
const unreadable = new UnreadableRecords((facts, message) => log.error(facts, message));
const leaves = new LeafBook();
const beside = {
  ...{ unreadable, leaves },
  onError: (err: unknown): void => log.warn({ err }, 'a certificate could not be renewed; trying again'),
};

/** A store that needs nothing is open by then, and nobody notices; what takes longer is answered with the reason. */
const OPEN_WITHIN_MS = 1000;

interface Running {
  connected?: Connected;
  stopRounds?: () => void;
  /** The certificate it shows with TLS. */
  secure?: OwnLeaf;
}

/** A server of a cluster; or one that answers `cluster_not_initialized` until it is joined to one. */
async function run(): Promise<() => Promise<void>> {
  const env = await withJoinedSettings(process.env);
  const edge = readEdgeConfig(env);
  log.level = edge.WINDLASS_LOG_LEVEL;
  await loadSqlParser();
  const secure = await openServerLeaf(edge, leaves);
  const running: Running = secure ? { secure } : {};
  const late = isUnjoined(env) ? unjoined(edge, env, running) : new LateDeps('store_unavailable', beside);
  const opened = isUnjoined(env) ? Promise.resolve() : begin(readConfig(env), edge, late, running);
  opened.catch(fail);
  await Promise.race([opened, delay(OPEN_WITHIN_MS, undefined, { ref: false })]);
  const door = {
    publicNames: publicNamesOf(edge),
    loginOnLoopback: edge.WINDLASS_LOOPBACK_LOGIN,
    temporalUi: edge.WINDLASS_TEMPORAL_UI_ORIGINS,
    limits: limitsOf(edge),
    issuer: issuerOf(edge),
  };
  const stopListening = await listen(await buildApp(late.deps, log, door), edge, secure);
  log.info({ urls: urlsOf(edge) }, 'server ready');
  return async () => {
    running.stopRounds?.();
    secure?.stop();
    await stopListening();
    await running.connected?.close();
  };
}

/** Everything a server stands on is used once the store is of its version; what it does without being asked begins then, too. */
async function begin(config: ServerConfig, edge: EdgeConfig, late: LateDeps, running: Running): Promise<void> {
  const connected = (running.connected = await connect(config, urlsOf(edge), beside));
  const { deps, certificates } = connected;
  running.secure?.keep(certificates, beside.onError);
  const tell = (sentence: string): void => log.warn(sentence);
  await openStore(deps.kv, {
    by: process.env['WINDLASS_REVISION'] ?? 'unknown',
    box: deps.box,
    check: () => checkMasterKeys(deps.kv, deps.membership.masterKeys, tell),
    tell,
    refuse: (why) => late.refuse(why),
  });
  late.attach(deps);
  running.stopRounds = startRounds(connected, config, log);
  renewRights(deps).catch((err: unknown) => log.warn({ err }, 'the rights of hosts are from before'));
}

/** Joins once; what that brought is used at once and again at the next start. */
function unjoined(edge: EdgeConfig, env: Readonly<Record<string, string | undefined>>, running: Running): LateDeps {
  const joiner = {
    id: edge.WINDLASS_SERVER_ID,
    addresses: edge.WINDLASS_SERVER_ADDRESSES,
    role: 'server' as const,
    plainHttp: edge.WINDLASS_JOIN_PLAIN_HTTP,
  };
  const late: LateDeps = new LateDeps('cluster_not_initialized', beside, async (token) => {
    const { settings } = await joinAndKeep(edge.WINDLASS_STATE_DIR ?? '', token, joiner);
    await begin(readConfig({ ...settings, ...env }), edge, late, running);
  });
  return late;
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
