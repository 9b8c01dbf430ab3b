import type { DatabaseSpec } from '@windlass/resources/postgres/spec';

/** The spec without a host: nodes and services left without any are dropped, and nobody copies from a node that is. */
export function withoutHost(spec: DatabaseSpec, hostId: string): DatabaseSpec {
  const others = (ids: readonly string[]): string[] => ids.filter((id) => id !== hostId);
  const nodes = spec.nodes
    .map((node) => ({ ...node, host_ids: others(node.host_ids) }))
    .filter((node) => node.host_ids.length > 0);
  const names = new Set(nodes.map(({ name }) => name));
  const services = spec.services
    ?.map((service) => ({ ...service, host_ids: others(service.host_ids) }))
    .filter((service) => service.host_ids.length > 0);
  return {
    ...spec,
    nodes: nodes.map(({ source_node: source, ...node }) => ({
      ...node,
      ...(source !== undefined && names.has(source) && { source_node: source }),
    })),
    ...(services && { services }),
  };
}
