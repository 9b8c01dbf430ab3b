import { DomainError } from '@windlass/resources/errors';
import type { StoredSpec } from '@windlass/resources/spec';
import { keys, type DatabaseRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';

export interface StoredDatabase {
  readonly record: DatabaseRecord;
  readonly recordRevision: number;
  readonly stored: StoredSpec;
  readonly specRevision: number;
}

/** A database as stored; `not_found` when there is none. */
export async function readDatabase({ kv }: Pick<ServerDeps, 'kv'>, id: string): Promise<StoredDatabase> {
  const [record, spec] = await Promise.all([kv.get(keys.database(id)), kv.get(keys.spec(id))]);
  if (!record || !spec) throw new DomainError('not_found', 'database not found');
  return {
    record: record.value as DatabaseRecord,
    recordRevision: record.revision,
    stored: spec.value as StoredSpec,
    specRevision: spec.revision,
  };
}
