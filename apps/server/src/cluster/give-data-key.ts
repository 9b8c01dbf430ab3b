import { databaseEntity } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import type { DataKeyAnswer, DataKeyRequest } from '@windlass/resources/platform/api';
import { OF_TEMPORAL } from '@windlass/resources/platform/payloads';
import type { MemberRecord } from '@windlass/resources/platform/records';
import { ensureDataKey, type KeyOwner } from '@windlass/resources/store';
import { isOnHost } from '../hosts/databases-on.ts';
import type { ServerDeps } from '../core/deps.ts';

/** Whose keys a host may ask for: those of databases, and of what their repositories need, which outlives them. */
const OF_DATABASES = ['database', 'backups'];

/** What Temporal keeps is read and written by whoever works: a host that is a member reads what is in it of others in etcd, too. */
const isForEveryHost = ({ kind, id }: KeyOwner): boolean => kind === OF_TEMPORAL.kind && id === OF_TEMPORAL.id;

/**
 * The data key of an entity, for a host that has something of it, or is to have it: `operation_refused` for any other. One that has none
 * yet gets one.
 */
export async function giveDataKey(
  { kv, box }: Pick<ServerDeps, 'kv' | 'box'>,
  member: MemberRecord,
  { kind, id, key_id: keyId }: DataKeyRequest,
): Promise<DataKeyAnswer> {
  const owner = { kind, id };
  if (!isForEveryHost(owner) && !(OF_DATABASES.includes(kind) && (await isOnHost(kv, databaseEntity(id), member.id))))
    throw new DomainError(
      'operation_refused',
      `host '${member.id}' has nothing of ${kind}/${id}: it gets no key of it`,
    );
  const key = await ensureDataKey(kv, box, owner, keyId);
  return { key_id: key.id, key: key.bytes.toString('base64') };
}
