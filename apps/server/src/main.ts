import { pino } from 'pino';
import { createSecretBox, openEtcdKv } from '@windlass/resources/store';
import { loadSqlParser } from '@windlass/resources/spec';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { readFiles } from './read-files.ts';
import { Sweeper } from './tasks/sweeper.ts';
import { openTemporal } from './temporal.ts';

/** A stop that takes longer is cut short: everything that was accepted is stored already. */
const STOP_WITHIN_MS = 10_000;

const log = pino({ base: { app: 'server' } });

async function run(): Promise<() => Promise<void>> {
  const config = readConfig(process.env);
  log.level = config.WINDLASS_LOG_LEVEL;
  const { caPem, certPem, keyPem, masterKey, temporalTls } = await readFiles(config);
  const kv = await openEtcdKv({ endpoints: config.WINDLASS_ETCD_ENDPOINTS, caPem, certPem, keyPem });
  const temporal = openTemporal(config, temporalTls);
  const url = config.WINDLASS_PUBLIC_URL ?? `http://${config.WINDLASS_HTTP_HOST}:${String(config.WINDLASS_HTTP_PORT)}`;
  const deps = { kv, temporal, caPem, box: createSecretBox(masterKey), serverUrls: [url], now: () => new Date() };

  await loadSqlParser();
  const app = await buildApp(deps, log);
  const sweeper = new Sweeper(
    deps,
    sparingly((err) => log.warn({ err }, 'the sweeper could not finish a round')),
  );
  await app.listen({ host: config.WINDLASS_HTTP_HOST, port: config.WINDLASS_HTTP_PORT });
  sweeper.start();
  log.info({ url }, 'server ready');
  return async () => {
    sweeper.stop();
    await app.close();
    await temporal.close();
    await kv.close();
  };
}

/** The same error every second is told once a minute. */
function sparingly(tell: (err: unknown) => void): (err: unknown) => void {
  let told = { text: '', at: 0 };
  return (err) => {
    const text = String(err);
    if (text === told.text && Date.now() - told.at < 60_000) return;
    told = { text, at: Date.now() };
    tell(err);
  };
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
