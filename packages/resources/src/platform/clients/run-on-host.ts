import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a program on a machine, with that on its standard input, and gives what it printed; rejects with its stderr when it fails. */
export type RunProgram = (program: string, args: readonly string[], input?: string) => Promise<string>;

const run = promisify(execFile);

/** On this machine. */
export const runOnHost: RunProgram = async (program, args, input) => {
  const running = run(program, args);
  // A program that ends at once, because it may not do what it is there for, reads nothing.
  running.child.stdin?.on('error', () => undefined).end(input);
  return (await running).stdout;
};

/** Why a program did not do what it was asked for, in one line. */
export function reasonOf(err: unknown): string {
  const { code, path, stderr, message } = err as { code?: unknown; path?: string; stderr?: string; message: string };
  if (code === 'ENOENT') return `this machine has no ${path ?? 'such program'}`;
  return (stderr ?? '').trim().split('\n')[0] || message;
}
