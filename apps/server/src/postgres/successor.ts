import type { ApiInstance } from '@windlass/resources/postgres/spec';

/** States in which a replica may become the primary soon: right after a takeover it connects again, which is waited for. */
export const FIT: readonly string[] = ['available', 'degraded'];

export const isFit = ({ state, postgres }: ApiInstance): boolean => FIT.includes(state) && postgres?.role === 'replica';

/** Those of these instances that may take over, and are on no host that is kept free; the one that lacks least first. */
export const ableElsewhere = (instances: readonly ApiInstance[], keptFree: ReadonlySet<string>): ApiInstance[] =>
  instances.filter((one) => isFit(one) && !keptFree.has(one.host_id)).sort((a, b) => lagOf(a) - lagOf(b));

/**
 * Who takes over a node whose instances these are, so that its primary comes to none of the hosts that are kept free: the
 * hosts themselves choose while every replica will do, else it is named. Undefined when there is nobody.
 */
export function successorOf(
  instances: readonly ApiInstance[],
  keptFree: ReadonlySet<string>,
): { readonly candidate?: string } | undefined {
  const able = ableElsewhere(instances, keptFree);
  const [first] = able;
  if (!first) return undefined;
  return able.length === instances.filter(isFit).length ? {} : { candidate: first.id };
}

/** One that is not known to receive comes last. */
const lagOf = ({ state, postgres }: ApiInstance): number =>
  state === 'available' ? (postgres?.replication_lag_bytes ?? 0) : Number.MAX_SAFE_INTEGER;
