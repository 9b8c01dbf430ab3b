import type { ReplicatorFacts } from '../clients/index.ts';
import { conditionsOf } from './replication-conditions.ts';

const node = { nodeName: 'n1', number: 1, peers: [{ number: 2, name: 'n2' }] };
const facts = (type: string): ReplicatorFacts => ({
  ...{ primary: 'a:5432', peers: [], slots: [], conflicts: 0 },
  conditions: [{ type, peer: 2, message: 'ALTER TABLE waits', since: '2026-01-01T00:00:00Z' }],
});

it.each([
  ['ddl_waits', 'ddl_waits', 'end who holds the locks; it is tried again'],
  ['must_be_rebuilt', 'node_must_be_rebuilt', 'remove the node and add it again'],
  ['of_a_later_release', 'replication_upkeep_failed', 'see the log of the replicator'],
  ['constructor', 'replication_upkeep_failed', 'see the log of the replicator'],
])('%s of a replicator is %s of the database, with what to do', (type, expected, remedy) => {
  expect(conditionsOf(node, facts(type))).toEqual([
    {
      type: expected,
      message: expect.stringMatching(`^node 'n1', peer 'n2': ALTER TABLE waits: .*${remedy}$`) as string,
      since: '2026-01-01T00:00:00Z',
    },
  ]);
});
