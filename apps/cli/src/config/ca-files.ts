import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Terminal } from '../terminal.ts';
import { contextFile } from './contexts.ts';

/** Keeps the certificate of an authority in a file beside the contexts, and says which: connection strings name a file. */
export function keepCa(terminal: Pick<Terminal, 'env'>, pem: string): string {
  const name = createHash('sha256').update(pem).digest('hex').slice(0, 16);
  const file = path.join(path.dirname(contextFile(terminal)), 'ca', `${name}.crt`);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, pem, { mode: 0o600 });
  return file;
}
