import { DomainError } from '@windlass/resources/errors';
import type { CertificateAnswer, CertificateRequest } from '@windlass/resources/platform/api';
import { hostRecords, type MemberRecord } from '@windlass/resources/platform/records';
import type { ServerDeps } from '../core/deps.ts';
import { isNameOnHost } from './names-on-host.ts';

/** For how long a certificate of an instance is good at most; that of the host, which may be away for long, is good for longer. */
const INSTANCE_DAYS = 90;
/** Services in which instances run. */
const SERVICE = /^postgres-[a-z0-9-]+$/;

/**
 * Signs what a host needs for the instances on it, and its own login again; never a name of another machine, of a database that is not
 * on it, or of an account of etcd.
 */
export async function signForHost(
  { kv, membership }: ServerDeps,
  member: MemberRecord,
  request: CertificateRequest,
): Promise<CertificateAnswer> {
  const isOwn = request.common_name === member.account && request.names.length === 0;
  if (
    !isOwn &&
    request.common_name !== '' &&
    !(await isNameOnHost(kv, member.id, request.common_name, request.database_id))
  )
    throw refused(request.common_name);
  if (!isOwn && request.days > INSTANCE_DAYS)
    throw new DomainError('invalid_input', `days: of an instance, at most ${String(INSTANCE_DAYS)}`);
  const host = (await hostRecords.get(kv, member.id))?.value;
  const own = ['localhost', '127.0.0.1', ...member.addresses, ...(host?.clientAddresses ?? [])];
  const foreign = request.names.find((name) => !own.includes(name) && !SERVICE.test(name));
  if (foreign !== undefined) throw refused(foreign);
  const { certPem, notAfter } = await sign(membership, request);
  return { certificate: certPem, not_after: notAfter };
}

async function sign({ sign: bySign }: ServerDeps['membership'], request: CertificateRequest) {
  const { public_key: publicKeyPem, common_name: commonName, names, days } = request;
  try {
    return await bySign({ publicKeyPem, commonName, names, days });
  } catch (cause) {
    throw new DomainError('invalid_input', 'public_key: is not a P-256 key in PEM', { cause });
  }
}

const refused = (name: string): DomainError =>
  new DomainError('invalid_input', `a host may have no certificate for '${name.slice(0, 64)}'`);
