import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Terminal } from './terminal.ts';

/** A folder of Windlass' sources: this one or one above it, unless told. */
export function findCheckout({ cwd }: Pick<Terminal, 'cwd'>, told?: string): string | undefined {
  const isOne = (folder: string) => ['bin/up', 'bin/down'].every((file) => existsSync(path.join(folder, file)));
  if (told !== undefined) return isOne(path.resolve(cwd, told)) ? path.resolve(cwd, told) : undefined;
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    if (isOne(folder)) return folder;
    if (folder === path.dirname(folder)) return undefined;
  }
}
