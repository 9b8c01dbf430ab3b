import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROOT } from '../stack.ts';
import { lab } from './lab.ts';

/** Runs the workflows of this build through every history that the lab's Temporal has; rejects when one does not fit. */
export async function replayAll(): Promise<number> {
  const told = await lab('env');
  const of = (name: string): string => new RegExp(`${name}=(\\S+)`).exec(told)?.[1] ?? '';
  const program = 'packages/workflows/scripts/replay-all.mjs';
  const { stdout } = await promisify(execFile)('node', [program], {
    cwd: ROOT,
    env: { ...process.env, TEMPORAL_ADDRESS: of('WINDLASS_LAB_TEMPORAL'), API: of('WINDLASS_LAB_API') },
  });
  return Number(/^(\d+) histories/m.exec(stdout)?.[1]);
}
