import { hbaLines, identLines } from './host-based-access.ts';
import { majorOf, type Instance } from './instances.ts';
import { synchronousStandbys } from '../spec/synchronous.ts';
import { parametersOf } from './parameters.ts';

/** What all members of a node share: Patroni keeps it in etcd, every running Postgres must have it in effect. */
export interface NodeSettings {
  readonly parameters: Record<string, string>;
  readonly pgHba: string[];
  readonly pgIdent: string[];
  /** Standbys that must have a commit before it is acknowledged; 0: asynchronous. */
  readonly synchronousStandbys: number;
}

/** The slots from which other nodes read are copied to replicas, so that those can read on where a replica takes over. Loaded without a restart. */
const COPIES_SLOTS = { sync_replication_slots: 'on', hot_standby_feedback: 'on' } as const;
const COPIES_SLOTS_SINCE = 17;

/** `replicatesAs`: the id of the database, when it has several nodes. A node is tuned for the smallest of its hosts: any of them may become the primary. */
export function nodeSettings(members: readonly Instance[], replicatesAs?: string): NodeSettings {
  const [first] = members;
  if (!first) return { parameters: {}, pgHba: [], pgIdent: [], synchronousStandbys: 0 };
  const { node, scope } = first;
  const { synchronous_standby_names: synchronous, ...parameters } = parametersOf(
    node,
    Math.min(...members.map((m) => m.host.memoryBytes)),
  );
  const copiesSlots = replicatesAs !== undefined && members.length > 1 && majorOf(first) >= COPIES_SLOTS_SINCE;
  return {
    parameters: copiesSlots ? { ...parameters, ...COPIES_SLOTS } : parameters,
    pgHba: hbaLines(node.pgHbaConf, replicatesAs !== undefined),
    synchronousStandbys: synchronousStandbys(synchronous),
    pgIdent: identLines(scope, node.pgIdentConf, {
      replicatesAs,
      former: members.some(({ host }) => host.ownNames !== true),
    }),
  };
}
