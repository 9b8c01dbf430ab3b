import type { ApiInstance } from '@windlass/resources/postgres/spec';

/** States in which a replica may become the primary soon: right after a takeover it connects again, which is waited for. */
export const FIT: readonly string[] = ['available', 'degraded'];

export const isFit = ({ state, postgres }: ApiInstance): boolean => FIT.includes(state) && postgres?.role === 'replica';

/**
 * Who takes over a node whose instances these are, so that its primary comes to none of the hosts that are kept free: the
 * hosts themselves choose while every replica will do, else it is named. Undefined when there is nobody.
 */
export function successorOf(
  instances: readonly ApiInstance[],
  keptFree: ReadonlySet<string>,
): { readonly candidate?: string } | undefined {
  const fit = instances.filter(isFit);
  const free = fit.filter(({ host_id }) => !keptFree.has(host_id)).sort((a, b) => lagOf(a) - lagOf(b));
  const [first] = free;
  if (!first) return undefined;
  return free.length === fit.length ? {} : { candidate: first.id };
}

/** One that is not known to receive comes last. */
const lagOf = ({ state, postgres }: ApiInstance): number =>
  state === 'available' ? (postgres?.replication_lag_bytes ?? 0) : Infinity;
