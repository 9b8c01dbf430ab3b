/** The worker for measurements of many databases without containers. Production starts `main.ts`. */
import { pino } from 'pino';
import { withJoinedSettings } from '@windlass/resources/platform/trust';
import { readConfig } from './config.ts';
import { runWorker } from './run-worker.ts';
import { withSimulatedDriver } from './simulated-driver.ts';

const config = readConfig(await withJoinedSettings(process.env));
const log = pino({ level: config.WINDLASS_LOG_LEVEL, base: { app: 'worker', hostId: config.WINDLASS_HOST_ID } });
await runWorker(config, log, { driver: withSimulatedDriver });
