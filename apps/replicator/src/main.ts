import { pino } from 'pino';
import { readConfig } from './config.ts';
import { runReplicator } from './run-replicator.ts';

const config = readConfig(process.env);
const log = pino({ level: config.WINDLASS_LOG_LEVEL, base: { app: 'replicator', node: config.WINDLASS_NODE_NAME } });

try {
  await runReplicator(config, log);
  process.exit(0);
} catch (err) {
  log.fatal({ err }, 'replicator stopped');
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 500).unref();
}
