import { setTimeout as delay } from 'node:timers/promises';
import { domainErrorOf } from '../errors/index.ts';
import { keys } from './keys.ts';
import type { Kv } from './kv.ts';
import { STORE_VERSION } from './migrate.ts';
import { FIRST, fitOf, schemaRecords, type SchemaRecord } from './schema.ts';

const LOOK_AGAIN_MS = 200;
const TELL_AGAIN_MS = 30_000;

export interface AwaitStoreOptions {
  tell(sentence: string): void;
  readonly known?: number;
  readonly lookAgainMs?: number;
  readonly tellAgainMs?: number;
}

/**
 * Resolves when the store is of this program's version; only a server may bring it there. Says at once that it waits, and then every
 * half minute. Throws `store_newer` when this program would lose something.
 */
export async function awaitStore(kv: Pick<Kv, 'get'>, options: AwaitStoreOptions): Promise<void> {
  const { tell, known = STORE_VERSION, lookAgainMs = LOOK_AGAIN_MS, tellAgainMs = TELL_AGAIN_MS } = options;
  for (let told: number | undefined; ;) {
    const stored = await readSchema(kv);
    const fit = stored && fitOf(stored, known);
    const versions = [stored?.version ?? FIRST.version, known].map(String);
    if (fit === 'newer') tell(`the store is of version ${versions.join(", newer than this program's ")}: nothing it does is lost`); // prettier-ignore
    if (fit !== undefined && fit !== 'older') return;
    if (told === undefined || performance.now() - told >= tellAgainMs) {
      tell(`waiting for a server to upgrade the store from version ${versions.join(' to ')}`);
      told = performance.now();
    }
    await delay(lookAgainMs);
  }
}

/** The account of a host that joined in an earlier release may not read it until a server of this one has seen to that. */
async function readSchema(kv: Pick<Kv, 'get'>): Promise<SchemaRecord | undefined> {
  try {
    return (await schemaRecords.get(kv))?.value;
  } catch (err) {
    if (domainErrorOf(err)?.code !== 'not_a_member') throw err;
    await kv.get(keys.cluster); // refused as well when the host was removed
    return undefined;
  }
}
