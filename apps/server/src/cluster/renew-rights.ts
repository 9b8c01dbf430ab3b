import { createHash } from 'node:crypto';
import { keys, type MemberRecord } from '@windlass/resources/store';
import { hostRights } from '@windlass/resources/trust';
import type { ServerDeps } from '../deps.ts';

/** Stands for what a host of this release may do; in its member's record it says that its account may. */
export const rightsOf = (hostId: string): string =>
  createHash('sha256')
    .update(JSON.stringify(hostRights(hostId)))
    .digest('hex')
    .slice(0, 16);

/** Gives hosts that an earlier release let in what a host of this one may do besides; their workers use it when they start. */
export async function renewRights({ kv, membership }: Pick<ServerDeps, 'kv' | 'membership'>): Promise<void> {
  for (const { key, value, revision } of await kv.list(keys.member('host', ''))) {
    const member = value as MemberRecord;
    const rights = rightsOf(member.id);
    if (member.rights === rights) continue;
    await membership.accounts.allow(member.account, hostRights(member.id));
    await kv.commit([{ key, revision }], [{ put: key, value: { ...member, rights } }]);
  }
}
