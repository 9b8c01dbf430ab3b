import { DomainError } from '@windlass/resources/errors';
import type { ApiHost } from '@windlass/resources/platform/api';
import { drainRecords } from '@windlass/resources/platform/records';
import { readHost, toApiHost } from '../cluster/hosts.ts';
import type { ServerDeps } from '../core/deps.ts';
import { refuseDraining } from './accept-drain.ts';

/** A drained host takes what is placed on it again; what was led away stays where it is. One that is not drained stays so. */
export async function resumeHost(deps: ServerDeps, hostId: string): Promise<ApiHost> {
  const drain = await refuseDraining(deps, hostId);
  if (drain) {
    const key = drainRecords.key(hostId);
    const done = await deps.kv.commit([{ key, revision: drain.revision }], [drainRecords.remove(hostId)]);
    if (done === false)
      throw new DomainError('operation_already_in_progress', `host '${hostId}' is being drained again`);
  }
  const host = await readHost(deps.kv, hostId);
  if (!host) throw new DomainError('not_found', 'no host found with the given ID');
  return toApiHost(host, deps.now());
}
