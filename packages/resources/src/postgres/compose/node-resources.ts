import type { Desired } from '../../engine/resource.ts';
import { database } from '../kinds/database.ts';
import { extensions } from '../kinds/extensions.ts';
import { identity } from '../kinds/identity.ts';
import { instance } from '../kinds/instance.ts';
import { members as membersKind } from '../kinds/members.ts';
import { patroniCluster } from '../kinds/patroni-cluster.ts';
import { roles } from '../kinds/roles.ts';
import { script } from '../kinds/script.ts';
import { trial } from '../kinds/trial.ts';
import { backupResources } from './backups.ts';
import { imageOf, type Instance, type StoredDatabase } from './instances.ts';
import { instanceResources } from './instance-resources.ts';
import { nodeSettings, type NodeSettings } from './node-settings.ts';
import { beganTogether } from './replicating-nodes.ts';
import { restoredDataOf, withData } from './restored-node.ts';
import { scriptsOf } from './scripts-of.ts';
import { userRoles } from './user-roles.ts';

const EXTENSIONS = ['pg_stat_statements'];

/**
 * Everything one node needs: its Patroni cluster, its instances, and what is inside Postgres, at whichever is the primary. `copy`: it begins as
 * that of another node.
 */
export function nodeResources(
  members: readonly Instance[],
  databaseId: string,
  stored: StoredDatabase,
  copy: Desired | undefined,
): Desired[] {
  const [first] = members;
  if (!first) return [];
  const replicates = stored.spec.nodes.length > 1;
  const { synchronousStandbys, ...shared } = nodeSettings(members, replicates ? databaseId : undefined);
  const backups = backupResources(members, databaseId, stored);
  const trials = trialsOf(members, shared);
  const resources = [
    ...trials,
    heldTogether(
      patroniCluster.want({ scope: first.scope, replicated: members.length > 1, synchronousStandbys, ...shared }),
      trials,
      members,
    ),
    identity.want({ scope: first.scope }),
    ...members.flatMap((member) => instanceResources(member, shared)),
    ...backups.configs,
    ...backups.schedules,
    together(members, synchronousStandbys),
    ...insidePostgres(first, stored).map((wanted) => onceWritable(wanted, members)),
    ...backups.stanza.map((wanted) => onceWritable(wanted, members)),
  ];
  return withData(resources, members, copy ?? restoredDataOf(first, stored));
}

/** Settings of the spec itself are tried at each host before they are written; those that are only ours are known to be good. */
function trialsOf(members: readonly Instance[], shared: Omit<NodeSettings, 'synchronousStandbys'>): Desired[] {
  return members
    .filter(({ node: n }) => Object.keys(n.postgresqlConf).length + n.pgHbaConf.length + n.pgIdentConf.length > 0)
    .map((member) => {
      const { instanceId, host } = member;
      return trial.want({ instanceId, hostId: host.id, imageId: imageOf(member), ...shared });
    });
}

/**
 * The settings of the node, which are tried before they are written. Without a running member there is no primary: what has to
 * be done there is done when one is started.
 */
function heldTogether(cluster: Desired, trials: readonly Desired[], members: readonly Instance[]): Desired {
  const stopped = members.every((m) => m.stopped);
  const dependsOn = [...cluster.dependsOn, ...trials.map(({ ref }) => ({ ref }))];
  return { ...cluster, dependsOn, ...(stopped && { stopped }) };
}

/** The last word on a node: it waits for all of its members but those that are to stay stopped. */
function together(all: readonly Instance[], synchronousStandbys: number): Desired {
  const [first] = all as readonly [Instance];
  const members = all.filter((m) => !m.stopped);
  const wanted = membersKind.want({
    nodeName: first.node.name,
    scope: first.scope,
    members: members.map((m) => m.instanceId).sort(),
    synchronousStandbys,
  });
  return { ...wanted, dependsOn: members.map((m) => ({ ref: instance.ref(m.instanceId) })) };
}

/** What is inside Postgres needs one member that does its part, not all of them. */
function onceWritable(wanted: Desired, members: readonly Instance[]): Desired {
  const any = members.filter((m) => !m.stopped).map((m) => ({ ref: instance.ref(m.instanceId), anyOf: 'instances' }));
  return { ...wanted, dependsOn: [...wanted.dependsOn, ...any] };
}

function insidePostgres({ node, scope }: Instance, stored: StoredDatabase): Desired[] {
  const { spec } = stored;
  const databaseName = spec.database_name;
  const place = { nodeName: node.name, scope };
  const owner = spec.database_users?.find((user) => user.db_owner)?.username;
  const { post_init: first = [], post_database_create: last = [] } = scriptsOf(node.name, stored);
  const together = beganTogether(stored);
  const init = script.want({ ...place, name: 'post_init', databaseName: 'postgres', statements: first, after: [] });
  const wantedDatabase = database.want({ ...place, databaseName, ...(owner !== undefined && { owner }) });
  const wantedExtensions = extensions.want({ ...place, databaseName, names: EXTENSIONS });
  return [
    ...(first.length > 0 ? [init] : []),
    roles.want({
      ...place,
      databaseName,
      roles: userRoles(stored),
      ...(spec.nodes.length > 1 && { replicates: true }),
      ...(together.length > 1 && together.includes(node.name) && { opensLater: true }),
      ...(first.length > 0 && { afterScript: init.ref.id }),
    }),
    wantedDatabase,
    wantedExtensions,
    ...(last.length > 0
      ? [
          script.want({
            ...place,
            name: 'post_database_create',
            databaseName,
            statements: last,
            after: [wantedDatabase.ref, wantedExtensions.ref],
          }),
        ]
      : []),
  ];
}
