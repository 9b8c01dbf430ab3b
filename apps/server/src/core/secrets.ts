import { DomainError } from '@windlass/resources/errors';
import { keys, type Claim, type NamedText } from '@windlass/resources/store';
import type { z } from 'zod';
import type { ServerDeps } from './deps.ts';

type SecretDeps = Pick<ServerDeps, 'kv' | 'box'>;

/** The clear text of a stored secret; `server_error` when its key is another one. */
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
  const read = rows.map(async ({ key, value }) => {
    const name = key.slice(keys.secret('').length);
    return [name.slice(prefix.length), openJson(name, await box.open(name, value), schema)] as const;
  });
  return new Map(await Promise.all(read));
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

/** Secrets as a part of the transaction they belong to, sealed. */
export async function sealedSecrets({ box }: Pick<ServerDeps, 'box'>, texts: readonly NamedText[]): Promise<Claim> {
  const { values, claim } = await box.seal(texts);
  const writes = texts.map(([name], at) => ({ put: keys.secret(name), value: values[at] }));
  return { expect: claim.expect, writes: [...claim.writes, ...writes] };
}
