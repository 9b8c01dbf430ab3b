import type { Desired } from '@windlass/resources/engine';
import type { ResourceRecord } from '@windlass/resources/store';

/** The host of a node whose instances are, and are to be, all on one host: nothing there can move. */
export function soleHost(resources: readonly (Desired | ResourceRecord)[], node: string): string | undefined {
  const instances = resources.filter(({ ref }) => ref.kind === 'postgres.instance');
  const hosts = instances.flatMap(({ spec, executor }) =>
    (spec as { nodeName: string }).nodeName === node && executor.on === 'host' ? [executor.hostId] : [],
  );
  const [host, ...others] = new Set(hosts);
  return others.length === 0 ? host : undefined;
}
