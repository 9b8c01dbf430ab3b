import { setTimeout as delay } from 'node:timers/promises';
import { inBatches } from './batches.ts';
import { keys } from './keys.ts';
import type { Kv, KvWrite, Versioned } from './kv.ts';
import type { Claim } from './collection.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import type { SecretBox } from './secrets/secret-box.ts';
import { FIRST, fitOf, schemaRecords, type SchemaRecord } from './schema.ts';
import { LockLostError, StoreLock, type Expected } from './store-lock.ts';

/** The version of keys and records that this program writes, and the newest it knows. */
export const STORE_VERSION = MIGRATIONS.length;

const PAGE = 50;
const LOOK_AGAIN_MS = 500;

export interface MigrateOptions {
  /** The revision of this program. */
  readonly by: string;
  /** Opens what an earlier program sealed, and seals it anew. */
  readonly box: SecretBox;
  /** Told what is done and waited for, in sentences. */
  tell(sentence: string): void;
  readonly migrations?: readonly Migration[];
  readonly lockSeconds?: number;
  readonly lookAgainMs?: number;
}

type Complete = MigrateOptions & Required<Pick<MigrateOptions, 'migrations'>>;

/**
 * Brings the store to the version of this program, once however many servers start: one does it, the others wait for it. Resolves
 * when the store may be used; one that is newer may be when nothing gets lost, else `store_newer`. Safe to repeat.
 */
export async function migrateStore(kv: Kv, options: MigrateOptions): Promise<void> {
  const { by, tell, migrations = MIGRATIONS, lockSeconds, lookAgainMs = LOOK_AGAIN_MS } = options;
  for (let waits = false; !(await isUsable(kv, migrations.length, tell));) {
    const lock = await StoreLock.take(kv, { by, since: new Date().toISOString() }, lockSeconds);
    if (lock) await upgrade(kv, lock, { ...options, migrations });
    else {
      if (!waits) tell('another server is upgrading the store: waiting for it');
      waits = true;
      await delay(lookAgainMs);
    }
  }
}

async function isUsable(kv: Kv, known: number, tell: MigrateOptions['tell']): Promise<boolean> {
  const stored = (await schemaRecords.get(kv))?.value;
  if (stored === undefined) return false;
  const fit = fitOf(stored, known);
  if (fit === 'newer')
    tell(`the store is of version ${String(stored.version)}, newer than this program's ${String(known)}: nothing it does is lost`); // prettier-ignore
  return fit !== 'older';
}

/** All migrations that are missing, under the lock. Losing it is no failure: whoever has it now does the rest. */
async function upgrade(kv: Kv, lock: StoreLock, options: Complete): Promise<void> {
  try {
    const found = await schemaRecords.get(kv);
    const { version } = found?.value ?? FIRST;
    if (!found && (await isEmpty(kv))) return await writeVersion(kv, lock, newest(options));
    for (const migration of options.migrations.slice(version)) {
      options.tell(`upgrading the store to version ${String(migration.version)}: ${migration.name}`);
      const changed = await run(kv, lock, migration, options.box);
      await writeVersion(kv, lock, newest({ ...options, migrations: options.migrations.slice(0, migration.version) }));
      options.tell(`the store is of version ${String(migration.version)} now: ${String(changed)} records were changed`);
    }
  } catch (err) {
    if (!(err instanceof LockLostError)) throw err;
    options.tell('lost the lock on the store while upgrading it: another server goes on');
  } finally {
    await lock.release();
  }
}

/** What a store is that all these migrations were done to. */
const newest = ({ by, migrations }: Complete): SchemaRecord => ({
  version: migrations.length,
  oldestReader: Math.max(0, ...migrations.map((one) => one.oldestReader)),
  writtenBy: by,
});

/** A cluster that is just being made has nothing to be changed. */
async function isEmpty(kv: Kv): Promise<boolean> {
  return (await kv.list('', { limit: 2 })).every(({ key }) => key === keys.schemaLock);
}

async function writeVersion(kv: Kv, lock: StoreLock, schema: SchemaRecord): Promise<void> {
  const found = await schemaRecords.get(kv);
  await lock.commit([{ key: keys.schema, revision: found?.revision ?? 0 }], [schemaRecords.put(schema)]);
}

/** Page by page. Gives how many records were changed. */
async function run(kv: Kv, lock: StoreLock, migration: Migration, box: SecretBox): Promise<number> {
  let changed = 0;
  for (let after: string | undefined; ;) {
    const rows = await kv.list(migration.prefix, { limit: PAGE, ...(after !== undefined && { after }) });
    await lock.commit([], []);
    for (const row of rows) if (await changeOne(kv, lock, { ...migration, box }, row)) changed += 1;
    after = rows.at(-1)?.key;
    if (after === undefined) return changed;
  }
}

/** A record that somebody changes at the same time is looked at anew. False when there was nothing to change. */
async function changeOne(
  kv: Kv,
  lock: StoreLock,
  { change, box }: Pick<Migration, 'change'> & Pick<MigrateOptions, 'box'>,
  { key, ...row }: Versioned<unknown> & { readonly key: string },
): Promise<boolean> {
  for (let now: Versioned<unknown> | undefined = row; now; now = await kv.get(key)) {
    const parts = partsOf(await change(key, now.value, box));
    if (await commitAll(lock, { key, revision: now.revision }, parts)) return parts.length > 0;
  }
  return false;
}

/** A claim is one transaction; writes are as many as it takes. */
const partsOf = (changes: Claim | readonly KvWrite[]): readonly Claim[] =>
  'writes' in changes ? [changes] : inBatches(changes).map((writes) => ({ expect: [], writes }));

async function commitAll(lock: StoreLock, record: Expected[number], parts: readonly Claim[]): Promise<boolean> {
  for (const { expect, writes } of parts) if (!(await lock.commit([record, ...expect], writes))) return false;
  return true;
}
