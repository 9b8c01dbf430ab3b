import type { MasterKeyState } from '@windlass/resources/platform/api';
import { ensureMasterKey, firstSealedNames, holdersOf, keys, wrappedBy } from '@windlass/resources/store';
import type { ServerDeps } from '../core/deps.ts';

/** Which master keys there are, what each wraps and who has it. */
export async function readMasterKey({
  kv,
  membership,
}: Pick<ServerDeps, 'kv' | 'membership'>): Promise<MasterKeyState> {
  const [{ value }, counts, holders, older] = await Promise.all([
    ensureMasterKey(kv, membership.masterKeys),
    wrappedBy(kv),
    holdersOf(kv),
    firstSealedNames(kv),
  ]);
  const { active, since, from, forgotten = [] } = value;
  const gone = forgotten.map(({ id }) => id);
  const ids = new Set([active, ...counts.keys(), ...holders.flatMap((one) => one.keys), ...gone]);
  const stateOf = (id: string): MasterKeyState['keys'][number]['state'] => {
    if (id === active) return 'active';
    if (id === from || (counts.get(id) ?? 0) > 0) return 'former';
    return gone.includes(id) ? 'forgotten' : 'spare';
  };
  return {
    active,
    since,
    state: from === undefined ? 'ready' : 'rotating',
    keys: [...ids].sort().map((id) => ({
      id,
      state: stateOf(id),
      data_keys: counts.get(id) ?? 0,
      held_by: holders.filter((one) => one.keys.includes(id)).map(({ role, id: who }) => `${role} ${who}`),
    })),
    sealed_before: older.map((key) => key.slice(keys.secret('').length)),
  };
}
