/**
 * The worker for fault tests: the same composition, but a file has it die or hang. Production starts `main.ts`, which has no
 * hooks. A line `<point> <action> <kind>` has the process kill itself at that point of a step; it is used once. A file of the same
 * name with `.<database>` after it, which holds `hang|deaf <activity> [<action> <kind>]`, has that activity hang before its work,
 * once, until it is canceled or the file is gone; one that is deaf does not heed a cancel. While it hangs, ` hung` follows.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { ActivityHook } from '@windlass/activities';
import type { StepHook } from '@windlass/resources/engine';
import { withJoinedSettings } from '@windlass/resources/platform/trust';
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

const LOOK_AGAIN_MS = 100;

const activityHook: ActivityHook = async (name, input, signal) => {
  const { databaseId, step, log } = input as {
    readonly databaseId?: string;
    readonly step?: Parameters<StepHook>[1];
    readonly log?: { readonly databaseId: string };
  };
  const hangs = `${file}.${databaseId ?? log?.databaseId ?? ''}`;
  const what = `${name}${step ? ` ${step.action} ${step.ref.kind}` : ''}`;
  const wish = existsSync(hangs) ? readFileSync(hangs, 'utf8') : '';
  if (wish !== `hang ${what}` && wish !== `deaf ${what}`) return;
  writeFileSync(hangs, `${wish} hung`);
  while (existsSync(hangs)) await sleep(LOOK_AGAIN_MS, undefined, wish.startsWith('hang') ? { signal } : {});
};

const config = readConfig(await withJoinedSettings(env));
await runWorker(
  config,
  pino({ level: config.WINDLASS_LOG_LEVEL, base: { app: 'worker', hostId: config.WINDLASS_HOST_ID } }),
  { hook, activityHook },
);
