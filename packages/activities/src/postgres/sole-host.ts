import type { Desired } from '@windlass/resources/engine';
import { NODE_OF_INSTANCE, specsAmong } from './stored-specs.ts';
import type { ResourceRecord } from '@windlass/resources/records';

/** The host of a node whose instances are, and are to be, all on one host: nothing there can move. */
export function soleHost(resources: readonly (Desired | ResourceRecord)[], node: string): string | undefined {
  const hosts = resources.flatMap((resource) =>
    specsAmong([resource], NODE_OF_INSTANCE).flatMap(({ nodeName }) =>
      nodeName === node && resource.executor.on === 'host' ? [resource.executor.hostId] : [],
    ),
  );
  const [host, ...others] = new Set(hosts);
  return others.length === 0 ? host : undefined;
}
