import { z } from 'zod';
import type { Desired, Ref } from '../engine/resource.ts';
import { defineResource } from '../postgres/kinds/define.ts';
import { database } from '../postgres/kinds/database.ts';
import { patroniCluster } from '../postgres/kinds/patroni-cluster.ts';

/** For whom it is. */
export const CONSUMER: Ref = { kind: 'example.consumer', id: 'c', of: { kind: 'stream', id: 'orders' } };
const nothing = () => Promise.resolve({});

/** What a database may have besides what databases have today: tables of a node for a consumer that another entity holds. */
export const publication = defineResource({
  kind: 'example.publication',
  version: 1,
  spec: z.strictObject({
    nodeName: z.string(),
    scope: z.string(),
    tables: z.union([z.literal('all'), z.array(z.string())]),
  }),
  status: z.strictObject({}),
  replaces: (before, after) => (before.tables === 'all') !== (after.tables === 'all'),
  id: (spec) => spec.scope,
  executor: (spec) => ({ on: 'primary', node: spec.nodeName }),
  dependsOn: (spec) => [{ ref: database.ref(`${spec.nodeName}:shop`) }, { ref: CONSUMER, output: true }],
  within: (spec) => patroniCluster.ref(spec.scope),
  refresh: () => Promise.resolve({ status: {}, drift: [] }),
  create: nothing,
  update: nothing,
  delete: () => Promise.resolve(),
});

/** Of the node n1. */
export const publish = (...tables: readonly string[]): Desired =>
  publication.want({ nodeName: 'n1', scope: 'shop:n1', tables: tables.length === 0 ? 'all' : [...tables] });
