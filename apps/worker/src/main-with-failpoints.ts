/**
 * The worker for fault tests: the same composition, but the process kills itself where a file tells it to. Production
 * starts `main.ts`, which has no hook. Each line of the file is `<point> <action> <kind>`; a line is used once.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pino } from 'pino';
import type { StepHook } from '@windlass/resources/engine';
import { withJoinedSettings } from '@windlass/resources/trust';
import { readConfig } from './config.ts';
import { runWorker } from './run-worker.ts';

const file = process.env['FAILPOINTS_FILE'] ?? '';
const { FAILPOINTS_FILE: _, ...env } = process.env;

const hook: StepHook = (point, step) => {
  const line = `${point} ${step.action} ${step.ref.kind}`;
  const lines = readFileSync(file, 'utf8').split('\n');
  if (!lines.includes(line)) return;
  writeFileSync(file, lines.filter((other) => other !== line).join('\n'));
  process.kill(process.pid, 'SIGKILL');
};

const config = readConfig(await withJoinedSettings(env));
await runWorker(
  config,
  pino({ level: config.WINDLASS_LOG_LEVEL, base: { app: 'worker', hostId: config.WINDLASS_HOST_ID } }),
  { hook },
);
