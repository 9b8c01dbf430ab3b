import type { DatabaseSpec, NodeSpec } from './database.ts';
import type { Issue } from '../../api/issues.ts';
import { levelRules, repeated } from './rules-database.ts';

function sourceRules(node: NodeSpec, at: number, spec: DatabaseSpec): Issue[] {
  if (node.source_node === undefined) return [];
  const path = ['nodes', at, 'source_node'];
  const source = spec.nodes.find((other) => other.name === node.source_node);
  const issues: Issue[] = [];
  if (source === undefined) issues.push({ path, message: 'source node does not exist' });
  else if (source !== node && source.source_node !== undefined)
    issues.push({ path, message: 'source node must refer to an existing node' });
  if (node.restore_config !== undefined) issues.push({ path, message: 'specify either source_node or restore_config' });
  if (node.source_node === node.name) issues.push({ path, message: 'a node cannot use itself as a source node' });
  return issues;
}

/** What copies the slots of other nodes to replicas, so that those can read on after a failover. */
const COPIES_SLOTS = ['sync_replication_slots', 'hot_standby_feedback'];
const isOff = (value: unknown): boolean => /^(of|off|f|fa|fal|fals|false|n|no|0)$/i.test(String(value).trim());

/** With several nodes neither may be switched off. */
function slotRules(spec: DatabaseSpec): Issue[] {
  if (spec.nodes.length < 2) return [];
  const levels = [
    { conf: spec.postgresql_conf, at: [] },
    ...spec.nodes.map(({ postgresql_conf: conf }, i) => ({ conf, at: ['nodes', i] })),
  ];
  return levels.flatMap(({ conf = {}, at }) =>
    Object.entries(conf)
      .filter(([key, value]) => COPIES_SLOTS.includes(key.toLowerCase()) && isOff(value))
      .map(([key]) => ({
        path: [...at, 'postgresql_conf', key],
        message: 'must be on in a database with several nodes: they could not read on where a replica takes over',
      })),
  );
}

/** Names, hosts, sources and settings of the nodes. */
export function nodeRules(spec: DatabaseSpec): Issue[] {
  const names = repeated(
    spec.nodes,
    (node) => node.name,
    (i) => ['nodes', i],
    'node names must be unique within a database',
  );
  return [
    ...names,
    ...slotRules(spec),
    ...spec.nodes.flatMap((node, i) => [
      ...repeated(node.host_ids, String, (j) => ['nodes', i, 'host_ids', j], 'host IDs must be unique within a node'),
      ...sourceRules(node, i, spec),
      ...levelRules(node, ['nodes', i]),
    ]),
  ];
}

interface PortUse {
  readonly host: string;
  readonly port: number | undefined;
  readonly path: string;
}

function portUses(spec: DatabaseSpec): PortUse[] {
  const nodes = spec.nodes.flatMap((node, i) =>
    (['port', 'patroni_port'] as const).flatMap((field) => {
      const own = node[field];
      const path = own ? `nodes[${i}].${field}` : field;
      return node.host_ids.map((host) => ({ host, port: own ? own : spec[field], path }));
    }),
  );
  const services = (spec.services ?? []).flatMap((service, i) =>
    service.host_ids.map((host) => ({ host, port: service.port, path: `services[${i}].port` })),
  );
  return [...nodes, ...services];
}

function byHostAndPort(uses: readonly PortUse[]): Map<string, PortUse[]> {
  const groups = new Map<string, PortUse[]>();
  for (const use of uses) {
    const key = `${use.host}:${use.port}`;
    if (use.port) groups.set(key, [...(groups.get(key) ?? []), use].slice(0, 20));
  }
  return groups;
}

/** On one host every published port is used once. */
export function portRules(spec: DatabaseSpec): Issue[] {
  return [...byHostAndPort(portUses(spec)).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length < 2) return [];
    const paths = group.map((use) => use.path).join(', ');
    return [
      {
        path: [],
        message: `duplicate ports allocated on host '${first.host}': '${first.port}' duplicated in: ${paths}`,
      },
    ];
  });
}
