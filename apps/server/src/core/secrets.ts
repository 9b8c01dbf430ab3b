import { DomainError } from '@windlass/resources/errors';
import { keys, type KvWrite } from '@windlass/resources/store';
import type { z } from 'zod';
import type { ServerDeps } from './deps.ts';

type SecretDeps = Pick<ServerDeps, 'kv' | 'box'>;

/** The clear text of a stored secret; `server_error` when the master key is another one. */
export async function readSecret({ kv, box }: SecretDeps, name: string): Promise<string | undefined> {
  const sealed = await kv.get(keys.secret(name));
  return sealed && box.open(name, sealed.value);
}

/** Of every secret whose name begins so, what it says. One that cannot be read is refused: what depends on it would be wrong. */
export async function readSecrets<T>(
  { kv, box }: SecretDeps,
  prefix: string,
  schema: z.ZodType<T>,
): Promise<ReadonlyMap<string, T>> {
  const rows = await kv.list(keys.secret(prefix));
  return new Map(
    rows.map(({ key, value }) => {
      const name = key.slice(keys.secret('').length);
      return [name.slice(prefix.length), openJson(name, box.open(name, value), schema)];
    }),
  );
}

/** What an opened secret says. Throws `record_unreadable`, which names the secret and tells nothing of its contents. */
export function openJson<T>(name: string, text: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new DomainError(
    'record_unreadable',
    `the secret '${name}' does not look as it should: ${where || 'as a whole'}`,
  );
}

/** Nothing for what is no JSON: the parser's message would quote it. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A secret that is sealed already, as a write of the transaction it belongs to. */
export const secretWrite = ({ name, sealed }: { readonly name: string; readonly sealed: unknown }): KvWrite => ({
  put: keys.secret(name),
  value: sealed,
});
