import { databaseEntity } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import { partOf } from '@windlass/resources/plan';
import { resourceRecords, type ResourceRecord } from '@windlass/resources/records';
import type { z } from 'zod';
import type { ServerDeps } from '../core/deps.ts';

/** The records of a kind, and what is needed of their specs; `record_unreadable` for one that does not have it. */
export async function specsOfKind<T>(
  { kv }: Pick<ServerDeps, 'kv'>,
  databaseId: string,
  kind: string,
  schema: z.ZodType<T>,
): Promise<{ readonly record: ResourceRecord; readonly spec: T }[]> {
  const rows = await resourceRecords.list(kv, [partOf(databaseEntity(databaseId))]);
  return rows
    .filter(({ value }) => value.ref.kind === kind)
    .map(({ key, value: record }) => {
      const read = schema.safeParse(record.spec);
      if (!read.success) throw new DomainError('record_unreadable', `the spec under '${key}' cannot be read`);
      return { record, spec: read.data };
    });
}
