import { z } from 'zod';
import { OrchestratorOpts } from './orchestrator.ts';
import { Cpus, Memory, Port } from './primitives.ts';
import { Identifier } from '../../api/texts.ts';

export const SERVICE_TYPES = ['mcp', 'postgrest', 'rag'] as const;
export const SESSION_ATTRS = ['primary', 'prefer-standby', 'standby', 'read-write', 'any'] as const;
const show = (input: unknown): string => String(input).slice(0, 64);

export const DatabaseConnection = z
  .strictObject({
    target_nodes: z
      .array(z.string())
      .optional()
      .meta({ description: 'Nodes to connect to, in this order.', examples: [['n1']] }),
    target_session_attrs: z
      .enum(SESSION_ATTRS, {
        error: (issue) =>
          `invalid target_session_attrs "${show(issue.input)}" (must be one of: ${SESSION_ATTRS.join(', ')})`,
      })
      .optional()
      .meta({ description: 'Which kind of session libpq asks for.', examples: ['primary'] }),
  })
  .meta({ id: 'DatabaseConnection', description: 'How a service reaches the database.' });

export const Service = z
  .strictObject({
    service_id: Identifier.meta({ description: 'Id of the service, unique in the database.', examples: ['api'] }),
    service_type: z
      .enum(SERVICE_TYPES, {
        error: (issue) => `unsupported service type "${show(issue.input)}" (supported: mcp, postgrest, rag)`,
      })
      .meta({ description: 'Kind of service.', examples: ['postgrest'] }),
    version: z
      .string()
      .regex(/^(\d+\.\d+(\.\d+)?|latest)$/, { error: "version must be in semver format (e.g., '1.0.0') or 'latest'" })
      .meta({ description: 'Version of the service.', examples: ['latest'] }),
    host_ids: z
      .array(Identifier)
      .min(1)
      .meta({ description: 'One instance runs on each of these hosts.', examples: [['host-1']] }),
    port: Port.optional(),
    config: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'Settings; which ones depends on the kind.', examples: [{ db_anon_role: 'web' }] }),
    cpus: Cpus.optional(),
    memory: Memory.optional(),
    orchestrator_opts: OrchestratorOpts.optional(),
    database_connection: DatabaseConnection.optional(),
    connect_as: z
      .string({ error: 'connect_as is required' })
      .min(1, { error: 'connect_as is required' })
      .meta({ description: 'User of the database the service connects as.', examples: ['app'] }),
  })
  .meta({ id: 'Service', description: 'A service that runs beside the database.' });
