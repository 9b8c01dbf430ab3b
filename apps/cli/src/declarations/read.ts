import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { LineCounter, parseAllDocuments } from 'yaml';
import { usageError } from '../exit.ts';
import { isObject, type JsonObject } from '@windlass/client/json';
import type { Terminal } from '../terminal.ts';
import { placeAt, type Source } from './place.ts';
import { resolveReferences } from './references.ts';

/** One document of a file: what is to be, and where it says so. */
export interface Declaration {
  readonly kind: string;
  readonly id: string;
  /** As it is sent, references resolved. */
  readonly body: JsonObject;
  readonly source: Source;
}

const ENDINGS = /\.(ya?ml|json)$/;

/** Every document of a file, of all files of a folder, or of the input (`-`). */
export async function readDeclarations(terminal: Terminal, given: readonly string[]): Promise<readonly Declaration[]> {
  const found: Declaration[] = [];
  for (const one of given)
    for (const [file, text] of await textsOf(terminal, one)) found.push(...parse(file, text, terminal));
  if (found.length === 0) throw usageError(`${given.join(', ')}: there is no declaration in it`);
  return found;
}

async function textsOf(terminal: Terminal, given: string): Promise<readonly (readonly [string, string])[]> {
  if (given === '-') return [['-', await terminal.readInput()]];
  const file = path.resolve(terminal.cwd, given);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) throw usageError(`${given}: there is no such file`);
  if (!stat.isDirectory()) return [[given, readFileSync(file, 'utf8')]];
  const names = readdirSync(file).filter((name) => ENDINGS.test(name));
  return names.sort().map((name) => [path.join(given, name), readFileSync(path.join(file, name), 'utf8')] as const);
}

/** JSON is YAML. */
export function parse(file: string, text: string, terminal: Pick<Terminal, 'env' | 'cwd'>): readonly Declaration[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  return Array.isArray(documents)
    ? documents.flatMap((document) => toDeclaration({ file, document, lines }, terminal))
    : [];
}

function toDeclaration(source: Source, terminal: Pick<Terminal, 'env' | 'cwd'>): Declaration[] {
  const { document, file, lines } = source;
  const [broken] = document.errors;
  if (broken) throw usageError(`${placeAt(file, lines, broken.pos[0])}: ${broken.message}`);
  if (document.contents === null) return [];
  resolveReferences(source, terminal);
  const value: unknown = document.toJS();
  const here = placeAt(file, lines, document.contents.range?.[0] ?? 0);
  if (!isObject(value)) throw usageError(`${here}: a declaration is an object with kind, id and spec`);
  const { kind = 'database', ...body } = value;
  const { id } = body;
  if (typeof kind !== 'string' || typeof id !== 'string') throw usageError(`${here}: kind and id have to be texts`);
  return [{ kind, id, body, source }];
}
