import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { createSecretBox, openEtcdKv } from '@windlass/resources/store';
import { loadSqlParser } from '@windlass/resources/spec';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { Sweeper } from './tasks/sweeper.ts';
import { openTemporal } from './temporal.ts';

const config = readConfig(process.env);
const log = pino({ level: config.WINDLASS_LOG_LEVEL, base: { app: 'server' } });
const read = (path: string): Promise<string> => readFile(path, 'utf8');

const caPem = await read(config.WINDLASS_CA_CERT);
const kv = await openEtcdKv({
  endpoints: config.WINDLASS_ETCD_ENDPOINTS,
  caPem,
  certPem: await read(config.WINDLASS_CLIENT_CERT),
  keyPem: await read(config.WINDLASS_CLIENT_KEY),
});
const temporal = await openTemporal(config);
const url = config.WINDLASS_PUBLIC_URL ?? `http://${config.WINDLASS_HTTP_HOST}:${String(config.WINDLASS_HTTP_PORT)}`;
const masterKey = Buffer.from((await read(config.WINDLASS_MASTER_KEY_FILE)).trim(), 'hex');
const deps = { kv, temporal, caPem, box: createSecretBox(masterKey), serverUrls: [url], now: () => new Date() };

await loadSqlParser();
const app = await buildApp(deps, log);
const sweeper = new Sweeper(deps, (err) => log.warn({ err }, 'the sweeper could not finish a round'));
await app.listen({ host: config.WINDLASS_HTTP_HOST, port: config.WINDLASS_HTTP_PORT });
sweeper.start();
log.info({ url }, 'server ready');

async function stop(): Promise<void> {
  sweeper.stop();
  await app.close();
  await temporal.close();
  await kv.close();
}
process.once('SIGTERM', () => void stop().then(() => process.exit(0)));
process.once('SIGINT', () => void stop().then(() => process.exit(0)));
