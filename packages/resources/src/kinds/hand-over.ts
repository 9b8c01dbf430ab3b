import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients, ClusterMember } from '../clients/ports.ts';
import type { Scope } from '../engine/resource.ts';
import { serviceOf } from './with-primary.ts';

const WITHIN_MS = 30_000;

/** A member that could take over right now, the best one first. */
export function candidates(found: readonly ClusterMember[], among: (name: string) => boolean): ClusterMember[] {
  return found
    .filter((m) => m.role !== 'leader' && among(m.name) && runs(m))
    .sort((a, b) => Number(b.role === 'sync_standby') - Number(a.role === 'sync_standby') || a.lagBytes - b.lagBytes);
}

/** Patroni 3 says `running` of a replica that streams, Patroni 4 `streaming`. */
export const runs = (m: ClusterMember): boolean => m.state === 'running' || m.state === 'streaming';

/**
 * Before an instance is interrupted: when it is the primary and another member can take over, that one does. A
 * checkpoint first makes the change of roles short. False where nobody can, or it is no primary: then it is interrupted
 * as it is.
 */
export async function handOver(
  { instanceId, scope: name }: { readonly instanceId: string; readonly scope: string },
  scope: Scope<Clients>,
): Promise<boolean> {
  const { dcs, docker, patroni, postgres } = scope.clients;
  if ((await dcs.leader(name)) !== instanceId) return false;
  const container = await docker.serviceContainer(serviceOf(instanceId));
  if (container?.state !== 'running') return false;
  const { address } = container;
  const signal = AbortSignal.any([scope.signal, AbortSignal.timeout(WITHIN_MS)]);
  const candidate = await successor(instanceId, name, address, scope, signal);
  if (!candidate) return false;
  scope.progress(`handing over from '${instanceId}' to '${candidate.name}'`);
  await postgres.session({ address, database: 'postgres', signal }, (session) => session.query('CHECKPOINT'));
  await patroni.switchover(address, { leader: instanceId, candidate: candidate.name }, signal);
  while ((await dcs.leader(name)) === instanceId) await sleep(50, undefined, { signal });
  return true;
}

/** The best candidate; with synchronous replication one that has every commit, which a replica that was just restarted has a moment later. */
async function successor(
  instanceId: string,
  name: string,
  address: string,
  { clients: { dcs, patroni } }: Scope<Clients>,
  signal: AbortSignal,
): Promise<ClusterMember | undefined> {
  const isSynchronous = (await dcs.config(name))?.['synchronous_mode'] === true;
  for (;;) {
    const members = await patroni.cluster(address).catch(() => []);
    const others = candidates(members, (other) => other !== instanceId);
    if (!isSynchronous || others.length === 0) return others[0];
    const safe = await dcs.synchronousStandbys(name);
    const found = others.find((m) => safe.includes(m.name));
    if (found) return found;
    await sleep(100, undefined, { signal });
  }
}
