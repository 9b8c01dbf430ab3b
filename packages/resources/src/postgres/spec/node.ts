import { z } from 'zod';
import { BackupConfig } from './backup.ts';
import { OrchestratorOpts } from './orchestrator.ts';
import { Cpus, Memory, NodeName, Port, PostgresVersion } from './primitives.ts';
import { Identifier } from '../../api/texts.ts';
import { RestoreConfig } from './restore.ts';
import { PostgresqlConf } from './settings.ts';

export const DatabaseNode = z
  .strictObject({
    name: NodeName,
    host_ids: z
      .array(Identifier)
      .min(1)
      .meta({ description: 'Hosts of the node; those after the first run replicas.', examples: [['host-1']] }),
    postgres_version: PostgresVersion.optional(),
    port: Port.optional(),
    patroni_port: Port.optional(),
    cpus: Cpus.optional(),
    memory: Memory.optional(),
    postgresql_conf: PostgresqlConf.optional(),
    pg_hba_conf: z
      .array(z.string())
      .optional()
      .meta({
        description: 'Lines of pg_hba.conf, before those of the spec.',
        examples: [['host all all 10.0.0.0/8 scram-sha-256']],
      }),
    pg_ident_conf: z
      .array(z.string())
      .optional()
      .meta({ description: 'Lines of pg_ident.conf, before those of the spec.', examples: [['people alice app']] }),
    backup_config: BackupConfig.optional(),
    restore_config: RestoreConfig.optional(),
    orchestrator_opts: OrchestratorOpts.optional(),
    source_node: z
      .string()
      .optional()
      .meta({ description: 'Node to copy the data from; the first when it is added to others.', examples: ['n1'] }),
  })
  .meta({ id: 'DatabaseNode', description: 'A node; what it does not say it takes from the spec.' });
