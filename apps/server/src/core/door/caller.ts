import { TLSSocket } from 'node:tls';
import { memberRecords, type MemberRecord } from '@windlass/resources/platform/records';
import { listReadable, type ManyDeps } from '../unreadable-records.ts';

/** The operator's certificate, and that of the servers and workers of the first machine: etcd's superuser. */
const ROOT = 'root';
/** Accounts are called after their role; what instances of databases show can never begin so. */
const ACCOUNT = /^(host|control|server)-/;

/** The name in the client certificate, if one of the cluster's authority was shown. */
export function nameShown(socket: object): string {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return '';
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : '';
}

/**
 * Who a certificate of our authority belongs to. The authority alone says nothing: every instance of a database has such a
 * certificate, and its superuser can read it. `undefined` for those and for members that were removed.
 */
export async function callerOf(deps: ManyDeps, name: string): Promise<MemberRecord | 'operator' | undefined> {
  if (name === ROOT) return 'operator';
  if (!ACCOUNT.test(name)) return undefined;
  const members = await listReadable(deps, memberRecords, []);
  return members.find(({ value }) => value.account === name)?.value;
}
