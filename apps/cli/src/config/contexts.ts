import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { isObject, textOf } from '@windlass/client/json';
import { usageError } from '../exit.ts';
import type { Terminal } from '../terminal.ts';

/** A server, and how it is asked. */
export interface Context {
  readonly name: string;
  readonly url: string;
  readonly token?: string;
  /** A file: the certificate of the authority of the server. */
  readonly ca?: string;
}

export interface Contexts {
  readonly current?: string;
  readonly contexts: readonly Context[];
}

export function contextFile({ env }: Pick<Terminal, 'env'>): string {
  const base = env['XDG_CONFIG_HOME'] || path.join(env['HOME'] ?? homedir(), '.config');
  return path.join(base, 'windlass', 'contexts.json');
}

export function readContexts(terminal: Pick<Terminal, 'env'>): Contexts {
  const file = contextFile(terminal);
  if (!existsSync(file)) return { contexts: [] };
  const kept = parse(file);
  const listed: unknown = kept['contexts'];
  const current = textOf(kept, 'current');
  const contexts = Array.isArray(listed) ? listed.map((one: unknown) => toContext(one, file)) : [];
  return { contexts, ...(current !== undefined && { current }) };
}

/** It holds tokens: only its owner reads it, and it is never seen half-written. */
export function writeContexts(terminal: Pick<Terminal, 'env'>, contexts: Contexts): void {
  const file = contextFile(terminal);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${String(process.pid)}`;
  writeFileSync(next, `${JSON.stringify(contexts, undefined, 2)}\n`, { mode: 0o600 });
  chmodSync(next, 0o600);
  renameSync(next, file);
}

function parse(file: string) {
  try {
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isObject(kept)) return kept;
  } catch (err) {
    if (!(err instanceof SyntaxError)) throw err;
  }
  throw usageError(`${file} is not as windlass writes it: put it right, or remove it`);
}

function toContext(value: unknown, file: string): Context {
  const [name, url, token, ca] = ['name', 'url', 'token', 'ca'].map((field) => textOf(value, field));
  if (name === undefined || url === undefined) throw usageError(`${file} has a context without name or url`);
  return { name, url, ...(token !== undefined && { token }), ...(ca !== undefined && { ca }) };
}
