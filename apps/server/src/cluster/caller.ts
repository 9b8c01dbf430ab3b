import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { DomainError } from '@windlass/resources/errors';
import type { MemberRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';

/** The host that asks, shown by its client certificate; `not_a_member` for anybody else, also for one that was removed. */
export async function callingHost(
  { kv }: Pick<ServerDeps, 'kv'>,
  { socket }: Pick<IncomingMessage, 'socket'>,
): Promise<MemberRecord> {
  const account = socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate().subject.CN : '';
  const members = (await kv.list('members/')).map((row) => row.value as MemberRecord);
  const found = account === '' ? undefined : members.find((member) => member.account === account);
  if (found?.role !== 'host') throw new DomainError('not_a_member');
  return found;
}
