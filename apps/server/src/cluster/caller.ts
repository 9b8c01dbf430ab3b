import type { IncomingMessage } from 'node:http';
import { DomainError } from '@windlass/resources/errors';
import { callerOf, nameShown } from '../core/door/caller.ts';
import type { ManyDeps } from '../core/unreadable-records.ts';
import type { MemberRecord } from '@windlass/resources/platform/records';

/** The host that asks, shown by its client certificate; `not_a_member` for anybody else, also for one that was removed. */
export async function callingHost(deps: ManyDeps, { socket }: Pick<IncomingMessage, 'socket'>): Promise<MemberRecord> {
  const caller = await callerOf(deps, nameShown(socket));
  if (caller === undefined || caller === 'operator' || caller.role !== 'host') throw new DomainError('not_a_member');
  return caller;
}
