import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '@windlass/resources/errors';
import { databaseSpecs } from '@windlass/resources/postgres/records';
import type { DatabaseSpec } from '@windlass/resources/postgres/spec';
import type { ServerDeps } from '../core/deps.ts';

/** Fields of a spec that name what is on hosts and may be anybody's, or that let containers do more there. */
const FIELDS = ['extra_volumes', 'extra_networks', 'image', 'security'] as const;

interface HostThing {
  /** Which node names it; empty: all of them. */
  readonly node: string;
  readonly path: string;
  readonly field: (typeof FIELDS)[number];
  readonly value: unknown;
}

/** A login for tenants may leave as they are the things of hosts that a database uses, and leave them out; other ones take one for all tenants. */
export async function refuseHostThings(
  { kv }: Pick<ServerDeps, 'kv'>,
  { spec }: { readonly spec: DatabaseSpec },
  id: string | undefined,
): Promise<void> {
  const named = thingsIn(spec);
  if (named.length === 0) return;
  const stored = id === undefined ? undefined : await databaseSpecs.get(kv, id);
  const before = stored ? thingsIn(stored.value.spec) : [];
  const isNew = (one: HostThing): boolean =>
    !before.some(
      ({ node, field, value }) => node === one.node && field === one.field && isDeepStrictEqual(value, one.value),
    );
  const refused = named.find(isNew);
  if (!refused) return;
  throw new DomainError(
    'not_permitted',
    `${refused.path}: names something of hosts, which takes a login for all tenants`,
  );
}

function thingsIn(spec: DatabaseSpec): HostThing[] {
  const levels = [
    { node: '', at: '', options: spec.orchestrator_opts },
    ...spec.nodes.map((one, i) => ({ node: one.name, at: `nodes[${String(i)}].`, options: one.orchestrator_opts })),
  ];
  return levels.flatMap(({ node, at, options }) =>
    FIELDS.flatMap((field) => {
      const value = options?.swarm?.[field];
      const isEmpty = value === undefined || Object.keys(value).length === 0;
      return isEmpty ? [] : [{ node, path: `${at}orchestrator_opts.swarm.${field}`, field, value }];
    }),
  );
}
