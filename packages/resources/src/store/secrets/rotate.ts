import { DomainError } from '../../errors/index.ts';
import { keys } from '../keys.ts';
import type { Kv, Versioned } from '../kv.ts';
import {
  keyHolders,
  masterKeyRecords,
  wrappedKeyRecords,
  type KeyHolderRecord,
  type MasterKeyRecord,
} from './key-records.ts';
import type { KeyRing } from './key-ring.ts';
import { createMasterKeys, ensureMasterKey, missing, unwrap, wrap } from './master-keys.ts';
import { createSecretBox, isFirstSealed } from './secret-box.ts';

type Store = Pick<Kv, 'get' | 'list' | 'commit'>;

/** Of several that are told, so many are named. */
const NAMED = 5;

const refused = (message: string): DomainError => new DomainError('operation_refused', message);
const named = (all: readonly string[]): string =>
  all.slice(0, NAMED).join(', ') + (all.length > NAMED ? ` and ${String(all.length - NAMED)} more` : '');

/** The processes that have master keys, as they told within the last seconds. */
export const holdersOf = async (kv: Pick<Kv, 'list'>): Promise<KeyHolderRecord[]> =>
  (await keyHolders.list(kv, [])).map(({ value }) => value);

const holderName = ({ role, id }: KeyHolderRecord): string => `${role} ${id}`;

/**
 * Another master key wraps from now on; what the former one wraps is wrapped anew by `finishRotation`. Without `to` it is the one key that
 * is there besides. `operation_refused` where there is no such key, a process has not got it, or a rotation is under way. Once more for the
 * same key is success.
 */
export async function beginRotation(kv: Store, ring: KeyRing, to: string | undefined, now: Date): Promise<void> {
  await ring.reload();
  const found = await ensureMasterKey(kv, ring);
  const { active, from, forgotten = [] } = found.value;
  if (from !== undefined && to === active) return;
  if (from !== undefined) throw refused(`a rotation from master key ${from} to ${active} is under way`);
  const target = targetOf(ring, found.value, to);
  const without = (await holdersOf(kv)).filter((holder) => !holder.keys.includes(target)).map(holderName);
  if (without.length > 0) throw refused(`to: master key ${target} is not held by ${named(without)}: add it there as a line of its own`); // prettier-ignore
  const next = { active: target, since: now.toISOString(), from: active, ...(forgotten.length > 0 && { forgotten }) };
  const expected = { key: masterKeyRecords.key(), revision: found.revision };
  if ((await kv.commit([expected], [masterKeyRecords.put(next)])) === false)
    throw new DomainError('resource_contended', 'the master key was changed at the same time');
}

function targetOf(ring: KeyRing, { active, forgotten = [] }: MasterKeyRecord, to: string | undefined): string {
  const gone = forgotten.map(({ id }) => id);
  const others = ring.ids.filter((id) => id !== active && !gone.includes(id));
  if (to === undefined && others.length > 1) throw refused(`to: ${ring.setting} holds several other keys, name one of ${others.join(', ')}`); // prettier-ignore
  const target = to ?? others[0];
  if (target === undefined) throw refused(`${ring.setting} holds no key but ${active}, which is in use: add a new one as a line of its own`); // prettier-ignore
  if (target === active) throw refused(`to: master key ${active} is in use already`);
  if (gone.includes(target)) throw refused(`to: master key ${target} was forgotten: make a new one`);
  if (!ring.ids.includes(target)) throw refused(`to: ${ring.setting} does not hold master key ${target} (it holds ${ring.ids.join(', ')})`); // prettier-ignore
  return target;
}

/**
 * Wraps anew what another than the master key in use wraps, and ends the rotation when nothing is left. Safe to begin again anywhere, and
 * in several processes at once. False when no rotation was under way, or another process has ended it.
 */
export async function finishRotation(kv: Store, ring: KeyRing): Promise<boolean> {
  const found = await masterKeyRecords.get(kv);
  if (found?.value.from === undefined) return false;
  while (await wrapAnew(kv, ring, found)) {
    if ((await masterKeyRecords.get(kv))?.revision !== found.revision) return false;
  }
  const { from: _done, ...value } = found.value;
  const expected = { key: masterKeyRecords.key(), revision: found.revision };
  return (await kv.commit([expected], [masterKeyRecords.put(value)])) !== false;
}

/** One pass over all keys; whether there was anything to be done. No key is made meanwhile that is wrapped by the former one. */
async function wrapAnew(kv: Store, ring: KeyRing, { value, revision }: Versioned<MasterKeyRecord>): Promise<boolean> {
  const master = await ring.find(value.active);
  if (!master) throw missing(ring, value.active, 'what is new');
  const left = (await wrappedKeyRecords.list(kv, [])).filter((row) => row.value.by !== master.id);
  const errors: DomainError[] = [];
  for (const row of left) {
    const [kind, id] = row.id;
    const owner = { kind, id };
    // One that cannot be unwrapped keeps the rotation from its end, not the others from theirs.
    const bytes = await unwrap(ring, owner, row.value).catch((err: DomainError) => void errors.push(err));
    const expect = [
      { key: masterKeyRecords.key(), revision },
      { key: row.key, revision: row.revision },
    ];
    if (bytes) await kv.commit(expect, [wrappedKeyRecords.put(wrap(owner, row.value.id, bytes, master), kind, id)]);
  }
  if (errors[0]) throw errors[0];
  return left.length > 0;
}

/** Says that a key is not to be used again: `operation_refused` while anything needs it. Once more is success. */
export async function forgetMasterKey(kv: Store, ring: KeyRing, id: string, now: Date): Promise<void> {
  const found = await ensureMasterKey(kv, ring);
  const { active, from, forgotten = [] } = found.value;
  if (forgotten.some((one) => one.id === id)) return;
  if (id === active) throw refused(`id: master key ${id} is in use: rotate to another one first`);
  if (id === from) throw refused(`id: the rotation from master key ${id} is under way: wait for its end`);
  const needs = (await wrappedKeyRecords.list(kv, [])).filter((row) => row.value.by === id);
  if (needs.length > 0) throw refused(`id: master key ${id} still wraps the data keys of ${named(needs.map((row) => row.id.join('/')))}`); // prettier-ignore
  const older = await firstSealedNames(kv);
  if (older.length > 0) throw refused(`id: an earlier release sealed ${named(older)} with a master key that it does not name`); // prettier-ignore
  const next = { ...found.value, forgotten: [...forgotten, { id, at: now.toISOString() }] };
  const expected = { key: masterKeyRecords.key(), revision: found.revision };
  if ((await kv.commit([expected], [masterKeyRecords.put(next)])) === false)
    throw new DomainError('resource_contended', 'the master key was changed at the same time');
}

/** Keys of what is still as the first release sealed it; digests of requests are, for a day after the upgrade. */
export async function firstSealedNames(kv: Pick<Kv, 'list'>): Promise<string[]> {
  const rows = await kv.list(keys.secret(''));
  return rows.filter(({ value }) => isFirstSealed(value)).map(({ key }) => key);
}

/** How many secrets of the first release are tried: one that is damaged says nothing about the key. */
const TRIED = 10;

/** A store of the first release names no master key: one that opens nothing is another one. */
async function checkFirstSealed(kv: Store, ring: KeyRing): Promise<void> {
  const names = (await firstSealedNames(kv)).slice(0, TRIED);
  const box = createSecretBox(kv, createMasterKeys(kv, ring));
  const opened = names.map(async (key) => box.open(key.slice(keys.secret('').length), (await kv.get(key))?.value));
  const opens = (await Promise.allSettled(opened)).some(({ status }) => status === 'fulfilled');
  if (names.length === 0 || opens) return;
  throw new DomainError('server_error', `what is stored was sealed with another master key than ${ring.setting} holds: nothing was changed; put back the key that it was sealed with`); // prettier-ignore
}

/** How many data keys each master key wraps. */
export async function wrappedBy(kv: Pick<Kv, 'list'>): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { value } of await wrappedKeyRecords.list(kv, [])) counts.set(value.by, (counts.get(value.by) ?? 0) + 1);
  return counts;
}

/**
 * Rejects with words when the master keys are not those of this store, before anything is written to it. Tells of a key that was forgotten
 * and is still there.
 */
export async function checkMasterKeys(kv: Store, ring: KeyRing, tell: (sentence: string) => void): Promise<void> {
  const found = (await masterKeyRecords.get(kv))?.value;
  if (!found) await checkFirstSealed(kv, ring);
  else if (!(await ring.find(found.active))) throw missing(ring, found.active, 'what is stored');
  for (const { id } of found?.forgotten ?? [])
    if (ring.ids.includes(id)) tell(`master key ${id} was forgotten: remove its line from ${ring.setting}`);
}
