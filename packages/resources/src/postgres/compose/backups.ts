import type { Desired } from '../../engine/resource.ts';
import { backupSchedule } from '../kinds/backup-schedule.ts';
import { pgbackrestConfig } from '../kinds/pgbackrest-config.ts';
import { pgbackrestStanza } from '../kinds/pgbackrest-stanza.ts';
import { repositoryKey, repositoryOptions, repositorySecretName, type EffectiveNode } from '../spec/index.ts';
import { majorOf, type Instance, type StoredDatabase } from './instances.ts';

type RepositorySpec = Parameters<typeof pgbackrestStanza.want>[0]['repositories'][number];

/** More processes than this make a backup hardly faster, and the database slower. */
const MAX_PROCESSES = 4;
/** From this major version on the image's pgBackRest knows block incremental backups. */
const BLOCKS_SINCE = 17;

/** The backups of a node: pgBackRest's configuration at every member, and the stanza, made by whoever is the primary. */
export function backupResources(
  members: readonly Instance[],
  databaseId: string,
  stored: StoredDatabase,
): {
  readonly configs: readonly Desired[];
  readonly stanza: readonly Desired[];
  readonly schedules: readonly Desired[];
} {
  const [first] = members;
  const repositories = first === undefined ? [] : repositoriesOf(first.node, databaseId, stored);
  if (!first || repositories.length === 0) return { configs: [], stanza: [], schedules: [] };
  const cores = Math.min(...members.map(({ node, host }) => node.cpus || host.cpus));
  const configs = members.map((member) =>
    pgbackrestConfig.want({
      instanceId: member.instanceId,
      hostId: member.host.id,
      repositories,
      processes: Math.max(1, Math.min(MAX_PROCESSES, Math.floor(cores))),
      blockIncremental: majorOf(member) >= BLOCKS_SINCE,
    }),
  );
  const stanza = pgbackrestStanza.want({
    nodeName: first.node.name,
    scope: first.scope,
    members: members.map((m) => m.instanceId).sort(),
    repositories,
  });
  return {
    configs,
    stanza: [stanza],
    schedules: schedulesOf(
      first,
      members.every((m) => m.stopped),
    ),
  };
}

function repositoriesOf(node: EffectiveNode, databaseId: string, stored: StoredDatabase): RepositorySpec[] {
  const { config, level } = node.backups ?? { config: { repositories: [] }, level: '' };
  const volumes = (node.orchestratorOpts?.swarm?.extra_volumes ?? []).map((volume) => volume.destination_path);
  return config.repositories.map((repository) => {
    const key = repositoryKey(level, repository);
    const secret = stored.repositorySecrets?.[key];
    const place = { databaseId, nodeName: node.name, secrets: secret?.names ?? [], volumes };
    return {
      ...(repository.id !== undefined && { id: repository.id }),
      options: repositoryOptions(repository, place),
      ...(secret && { secret: { name: repositorySecretName(databaseId, key), ...secret, names: [...secret.names] } }),
    };
  });
}

/** A node that is to stay stopped keeps its schedules, paused. */
const schedulesOf = ({ node, scope }: Instance, paused: boolean): Desired[] =>
  (node.backups?.config.schedules ?? []).map(({ id, type, cron_expression: cron }) =>
    backupSchedule.want({ nodeName: node.name, scope, scheduleId: id, type, cron, paused }),
  );
