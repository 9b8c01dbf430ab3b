import { createHash } from 'node:crypto';
import { memberRecords } from '@windlass/resources/platform/records';
import { hostRights } from '@windlass/resources/platform/trust';
import type { ServerDeps } from '../core/deps.ts';
import { listReadable } from '../core/unreadable-records.ts';

/** Stands for what a host of this release may do; in its member's record it says that its account may. */
export const rightsOf = (hostId: string): string =>
  createHash('sha256')
    .update(JSON.stringify(hostRights(hostId)))
    .digest('hex')
    .slice(0, 16);

/** Gives hosts that an earlier release let in what a host of this one may do besides; their workers use it when they start. */
export async function renewRights(deps: Pick<ServerDeps, 'kv' | 'unreadable' | 'membership'>): Promise<void> {
  const { kv, membership } = deps;
  for (const { id, value: member } of await listReadable(deps, memberRecords, ['host'])) {
    const rights = rightsOf(member.id);
    if (member.rights === rights) continue;
    await membership.accounts.allow(member.account, hostRights(member.id));
    await memberRecords.change(kv, id, (now) => (now.account === member.account ? { ...now, rights } : undefined));
  }
}
