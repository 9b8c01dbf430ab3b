import type { Issue } from '@windlass/resources/api';
import type { DatabaseSpec } from '@windlass/resources/postgres/spec';

/** What a spec would place anew on hosts that are to be kept free; what was there before may stay. */
export function newOnDrained(
  spec: DatabaseSpec,
  before: DatabaseSpec | undefined,
  keptFree: ReadonlySet<string>,
): readonly Issue[] {
  const refused = (of: 'nodes' | 'services', at: number, now: readonly string[], then: readonly string[] = []): Issue[] =>
    now.flatMap((id, index) =>
      keptFree.has(id) && !then.includes(id)
        ? [{ path: [of, at, 'host_ids', index], message: `host '${id}' is drained: nothing new is placed on it until it is resumed` }]
        : [],
    ); // prettier-ignore
  return [
    ...spec.nodes.flatMap((node, at) =>
      refused('nodes', at, node.host_ids, before?.nodes.find(({ name }) => name === node.name)?.host_ids),
    ),
    ...(spec.services ?? []).flatMap((service, at) =>
      refused(
        'services',
        at,
        service.host_ids,
        before?.services?.find(({ service_id }) => service_id === service.service_id)?.host_ids,
      ),
    ),
  ];
}
