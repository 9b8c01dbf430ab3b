import { z } from 'zod';
import { BackupConfig } from './backup.ts';
import { DatabaseNode } from './node.ts';
import { OrchestratorOpts } from './orchestrator.ts';
import { Cpus, DatabaseName, Memory, Port, PostgresVersion, SpockVersion } from './primitives.ts';
import { Identifier, text } from '../../api/texts.ts';
import { RestoreConfig } from './restore.ts';
import type { RepositorySecretFacts } from './repository-secrets.ts';
import type { NodeSources } from './node-sources.ts';
import type { NodeNumbers } from './node-numbers.ts';
import type { Rotations } from './rotation.ts';
import type { NodeOrigins } from './seal-origins.ts';
import { Service } from './service.ts';
import { SpecPostgresqlConf } from './settings.ts';
import { DatabaseUser } from './user.ts';

const scripts = (description: string) =>
  z
    .array(text(1, 1024))
    .max(256)
    .optional()
    .meta({ description, examples: [['CREATE TABLE greeting (words text)']] });

export const DatabaseScripts = z
  .strictObject({
    post_init: scripts('SQL run once in the database `postgres`, before the users exist.'),
    post_database_create: scripts('SQL run once in the new database.'),
  })
  .meta({ id: 'DatabaseScripts', description: 'SQL that runs once, when the database is created.' });

/** What a user declares: one Postgres database and where it runs. */
export const DatabaseSpec = z
  .strictObject({
    database_name: DatabaseName,
    postgres_version: PostgresVersion.optional(),
    spock_version: SpockVersion.optional(),
    port: Port.optional(),
    patroni_port: Port.optional(),
    cpus: Cpus.optional(),
    memory: Memory.optional(),
    nodes: z.array(DatabaseNode).min(1).max(9).meta({ description: 'One to nine nodes.' }),
    database_users: z.array(DatabaseUser).max(16).optional().meta({ description: 'Roles of the database.' }),
    services: z.array(Service).optional().meta({ description: 'Services that run beside the database.' }),
    backup_config: BackupConfig.optional(),
    restore_config: RestoreConfig.optional(),
    postgresql_conf: SpecPostgresqlConf.optional(),
    pg_hba_conf: z
      .array(z.string())
      .optional()
      .meta({ description: 'Lines of pg_hba.conf.', examples: [['host all all 10.0.0.0/8 scram-sha-256']] }),
    pg_ident_conf: z
      .array(z.string())
      .optional()
      .meta({ description: 'Lines of pg_ident.conf.', examples: [['people alice app']] }),
    orchestrator_opts: OrchestratorOpts.optional(),
    scripts: DatabaseScripts.optional(),
  })
  .meta({
    id: 'DatabaseSpec',
    description: 'A database as it should be.',
    examples: [
      {
        database_name: 'storefront',
        port: 5432,
        database_users: [{ username: 'app', password: 'change me', db_owner: true }],
        nodes: [{ name: 'n1', host_ids: ['host-1'] }],
      },
    ],
  });
export type DatabaseSpec = z.output<typeof DatabaseSpec>;
export type NodeSpec = z.output<typeof DatabaseNode>;
export type UserSpec = z.output<typeof DatabaseUser>;
export type ServiceSpec = z.output<typeof Service>;
export type BackupConfig = z.output<typeof BackupConfig>;
export type RestoreConfig = z.output<typeof RestoreConfig>;
export type OrchestratorOpts = z.output<typeof OrchestratorOpts>;

export const DatabaseId = Identifier;

export const CreateDatabaseRequest = z
  .strictObject({ id: Identifier.optional(), tenant_id: Identifier.optional(), spec: DatabaseSpec })
  .meta({ id: 'CreateDatabaseRequest', description: 'A database to create; without an id it gets a UUID.' });
export type CreateDatabaseRequest = z.output<typeof CreateDatabaseRequest>;

export const UpdateDatabaseRequest = z.strictObject({ tenant_id: Identifier.optional(), spec: DatabaseSpec }).meta({
  id: 'UpdateDatabaseRequest',
  description: 'The whole new spec; what is left out is removed, except passwords and versions.',
});
export type UpdateDatabaseRequest = z.output<typeof UpdateDatabaseRequest>;

/** A spec as it is kept in etcd: without passwords, with the version always filled in. */
export interface StoredSpec {
  readonly spec: DatabaseSpec;
  /** Per user name, `passwordVersion` of the stored verifier. */
  readonly passwordVersions: Readonly<Record<string, string>>;
  /** The users that have a second login; absent: none. */
  readonly rotations?: Rotations;
  /** Which credentials the repositories of backups have; absent when there are none. */
  readonly repositorySecrets?: RepositorySecretFacts;
  /** From which backup the nodes begin that are made from one. */
  readonly restoreOrigins?: NodeOrigins;
  /** Absent while the database has never had more than one node. */
  readonly nodeNumbers?: NodeNumbers;
  /** The nodes that began as a copy of another one; absent: none. */
  readonly nodeSources?: NodeSources;
  /** Names of nodes that are being removed, to be made anew: as long as they are named here they are as if they were not declared. */
  readonly remaking?: readonly string[];
}
