import type { ReplicatorStatus } from '@windlass/data/replicate';

/** Why this node is not in step with its peers; none: it is. */
export function whyNotReady({ primary, peers }: ReplicatorStatus): string[] {
  const away = primary === undefined ? ['the own primary is not reached'] : [];
  const still = peers.filter(({ state }) => state !== 'streaming');
  return [...away, ...still.map(({ name, state, waitsFor }) => `${name}: ${state}${waitsFor ? `, ${waitsFor}` : ''}`)];
}
