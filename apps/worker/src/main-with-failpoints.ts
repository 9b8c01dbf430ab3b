/**
 * The worker for fault tests: the same composition, but a file has it die or hang. Production starts `main.ts`, which has no
 * hooks. A line `<point> <action> <kind>` has the process kill itself at that point of a step; it is used once. A line
 * `hang|deaf <database> <activity> [<action> <kind>]` has that activity hang before its work, once, until it is canceled or the
 * line is gone; one that is deaf does not heed a cancel. What hangs is marked by ` hung` at the end of its line.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { ActivityHook } from '@windlass/activities';
import type { StepHook } from '@windlass/resources/engine';
import { withJoinedSettings } from '@windlass/resources/trust';
import { readConfig } from './config.ts';
import { runWorker } from './run-worker.ts';

const file = process.env['FAILPOINTS_FILE'] ?? '';
const { FAILPOINTS_FILE: _, ...env } = process.env;

const linesOf = (): string[] => readFileSync(file, 'utf8').split('\n');

const hook: StepHook = (point, step) => {
  const line = `${point} ${step.action} ${step.ref.kind}`;
  const lines = linesOf();
  if (!lines.includes(line)) return;
  writeFileSync(file, lines.filter((other) => other !== line).join('\n'));
  process.kill(process.pid, 'SIGKILL');
};

const LOOK_AGAIN_MS = 100;

const activityHook: ActivityHook = async (name, input, signal) => {
  const { databaseId, step, log } = input as {
    readonly databaseId?: string;
    readonly step?: Parameters<StepHook>[1];
    readonly log?: { readonly databaseId: string };
  };
  const what = `${databaseId ?? log?.databaseId ?? '-'} ${name}${step ? ` ${step.action} ${step.ref.kind}` : ''}`;
  const lines = linesOf();
  const line = [`hang ${what}`, `deaf ${what}`].find((one) => lines.includes(one));
  if (line === undefined) return;
  writeFileSync(file, lines.map((other) => (other === line ? `${line} hung` : other)).join('\n'));
  const heeds = line.startsWith('hang');
  while (linesOf().includes(`${line} hung`)) await sleep(LOOK_AGAIN_MS, undefined, heeds ? { signal } : {});
};

const config = readConfig(await withJoinedSettings(env));
await runWorker(
  config,
  pino({ level: config.WINDLASS_LOG_LEVEL, base: { app: 'worker', hostId: config.WINDLASS_HOST_ID } }),
  { hook, activityHook },
);
