import { pino } from 'pino';
import { withJoinedSettings } from '@windlass/resources/platform/trust';
import { readConfig } from './config.ts';
import { runWorker } from './run-worker.ts';

const config = readConfig(await withJoinedSettings(process.env));
const log = pino({ level: config.WINDLASS_LOG_LEVEL, base: { app: 'worker', hostId: config.WINDLASS_HOST_ID } });

try {
  await runWorker(config, log);
} catch (err) {
  log.fatal({ err }, 'worker stopped');
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 500).unref();
}
