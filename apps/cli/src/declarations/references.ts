import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isScalar, visit } from 'yaml';
import { usageError } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { placeAt, type Source } from './place.ts';

const REFERENCE = /\$\{(env|file):([^}]+)\}/g;

/** Puts in what `${env:NAME}` and `${file:PATH}` refer to: so no secret has to be written into a declaration. */
export function resolveReferences(
  { document, file, lines }: Source,
  { env, cwd }: Pick<Terminal, 'env' | 'cwd'>,
): void {
  visit(document, {
    Scalar: (_key, node) => {
      if (!isScalar(node) || typeof node.value !== 'string') return;
      const here = placeAt(file, lines, node.range?.[0] ?? 0);
      node.value = node.value.replace(REFERENCE, (_all, sort: string, name: string) =>
        sort === 'env' ? fromEnvironment(name) : fromFile(name),
      );
      function fromEnvironment(name: string): string {
        const value = env[name];
        if (value === undefined) throw usageError(`${here}: the environment has no ${name}`);
        return value;
      }
      /** Beside the declaration, unless it says where. What an editor adds at the end is no part of a secret. */
      function fromFile(name: string): string {
        const folder = file === '-' ? cwd : path.dirname(path.resolve(cwd, file));
        try {
          return readFileSync(path.resolve(folder, name), 'utf8').replace(/\r?\n$/, '');
        } catch {
          throw usageError(`${here}: the file ${name} cannot be read`);
        }
      }
    },
  });
}
