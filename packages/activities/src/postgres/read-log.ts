import { readInstanceLog, type InstanceLogQuery } from '@windlass/resources/postgres/operations';
import type { ActivityDeps } from '../core/deps.ts';

/** The log of an instance of this host, sealed: it may hold what users wrote. */
export function readLog({ clients }: ActivityDeps) {
  return async function readLog(input: {
    readonly databaseId: string;
    readonly instanceId: string;
    readonly query: InstanceLogQuery;
  }): Promise<{ readonly sealed: unknown }> {
    const { databaseId, instanceId, query } = input;
    const log = await readInstanceLog(clients, instanceId, query);
    return { sealed: await clients.secrets.seal(`database/${databaseId}/log/${instanceId}`, JSON.stringify(log)) };
  };
}
