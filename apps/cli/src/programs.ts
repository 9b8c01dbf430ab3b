import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import path from 'node:path';
import type { Programs } from './terminal.ts';

const PASSED_ON = ['SIGTERM', 'SIGHUP'] as const;
const ignore = (): void => undefined;

/** The programs in PATH. `onInterrupt` hears of Ctrl-C, but not while one of them has the terminal. */
export function createPrograms(
  env: Readonly<Record<string, string | undefined>>,
  onInterrupt: () => void = ignore,
): Programs {
  return {
    has: (name) => (env['PATH'] ?? '').split(path.delimiter).some((folder) => isProgram(path.join(folder, name))),
    run: async (name, args, own) => {
      const child = spawn(name, args, { env: own, stdio: 'inherit' });
      const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
      process.off('SIGINT', onInterrupt).on('SIGINT', ignore);
      for (const signal of PASSED_ON) process.on(signal, pass);
      try {
        return await new Promise<number>((resolve, reject) => {
          child.once('error', reject);
          child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? system.signals[signal] : 0)));
        });
      } finally {
        for (const signal of PASSED_ON) process.off(signal, pass);
        process.off('SIGINT', ignore).on('SIGINT', onInterrupt);
      }
    },
  };
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
