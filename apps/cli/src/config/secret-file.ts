import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { usageError } from '../exit.ts';
import type { Terminal } from '../terminal.ts';

/** A secret in a file, or of the input (`-`): on the command line everybody on the machine would see it. */
export async function readSecret(terminal: Pick<Terminal, 'cwd' | 'readInput'>, file: string): Promise<string> {
  if (file === '-') return (await terminal.readInput()).trim();
  const text = await readFile(resolve(terminal.cwd, file), 'utf8').catch((err: Error) => {
    throw usageError(`${file} cannot be read: ${err.message}`);
  });
  return text.trim();
}
