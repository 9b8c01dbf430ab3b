import { z } from 'zod';
import { Timestamp } from '../../api/texts.ts';

const STATES = [
  'creating',
  'modifying',
  'deleting',
  'backing_up',
  'available',
  'degraded',
  'failed',
  'stopped',
  'unknown',
] as const;

export const ConnectionInfo = z
  .object({
    addresses: z
      .array(z.string())
      .optional()
      .meta({ description: 'Addresses of the host for clients.', examples: [['192.0.2.10']] }),
    port: z
      .int()
      .optional()
      .meta({ description: 'Published port.', examples: [5432] }),
  })
  .meta({ id: 'ConnectionInfo', description: 'How clients reach the instance.' });

export const PostgresStatus = z
  .object({
    version: z
      .string()
      .optional()
      .meta({ description: 'Version of the server.', examples: ['17.6'] }),
    patroni_state: z
      .string()
      .optional()
      .meta({ description: 'State as Patroni has it.', examples: ['running'] }),
    role: z
      .string()
      .optional()
      .meta({ description: 'Role of the instance.', examples: ['primary'] }),
    pending_restart: z.boolean().optional().meta({ description: 'A setting waits for a restart.' }),
    replication_lag_bytes: z
      .int()
      .optional()
      .meta({ description: 'Of a replica that receives: WAL it knows of and has not replayed.', examples: [0] }),
    patroni_paused: z.boolean().optional().meta({ description: 'Patroni is paused.' }),
  })
  .meta({ id: 'PostgresStatus', description: 'What Postgres and Patroni say.' });

export const SpockStatus = z
  .object({
    read_only: z
      .string()
      .optional()
      .meta({ description: 'Value of `spock.readonly`.', examples: ['off'] }),
    version: z.string().optional().meta({ description: 'Version of Spock.' }),
    subscriptions: z
      .array(z.object({ provider_node: z.string(), name: z.string(), status: z.string() }))
      .optional()
      .meta({
        description: 'Subscriptions of this node.',
        examples: [[{ provider_node: 'n2', name: 'sub_n2_n1', status: 'replicating' }]],
      }),
  })
  .meta({ id: 'SpockStatus', description: 'Replication between nodes; primaries only.' });

export const ApiInstance = z
  .object({
    id: z.string().meta({ description: '`<database>-<node>-<8 characters>`', examples: ['storefront-n1-689qacsi'] }),
    host_id: z.string().meta({ description: 'Host it runs on.', examples: ['host-1'] }),
    node_name: z.string().meta({ description: 'Its node.', examples: ['n1'] }),
    created_at: Timestamp,
    updated_at: Timestamp,
    status_updated_at: Timestamp.optional(),
    state: z.enum(STATES).meta({ description: 'State of the instance.', examples: ['available'] }),
    connection_info: ConnectionInfo.optional(),
    postgres: PostgresStatus.optional(),
    spock: SpockStatus.optional(),
    error: z.string().optional().meta({ description: 'What is wrong.' }),
  })
  .meta({ id: 'Instance', description: 'One Postgres on one host.' });
export type ApiInstance = z.output<typeof ApiInstance>;

const dsn = (purpose: string, attributes: string, tls = 'sslmode=require') =>
  z.string().meta({
    description: `Connection string for ${purpose}, without user and password.`,
    examples: [
      `postgresql://192.0.2.10:5432,192.0.2.11:5432/shop?target_session_attrs=${attributes}&${tls}&connect_timeout=3`,
    ],
  });

const VERIFIED = 'sslmode=verify-full&sslrootcert=ca.crt';
const verifying =
  'with which the server is verified by `ca.crt`, the certificate of `GET /v1/databases/{database_id}/ca`';

export const ApiNode = z
  .object({
    name: z.string().meta({ description: 'Name of the node.', examples: ['n1'] }),
    connection_info: z
      .object({
        writer: dsn('writes', 'read-write'),
        reader: dsn('reads', 'prefer-standby'),
        verified_writer: dsn(`writes ${verifying}`, 'read-write', VERIFIED),
        verified_reader: dsn(`reads ${verifying}`, 'prefer-standby', VERIFIED),
      })
      .optional()
      .meta({ description: 'Absent while no instance has a published port.' }),
  })
  .meta({ id: 'NodeConnection', description: 'How to reach a node whichever instance is its primary.' });
export type ApiNode = z.output<typeof ApiNode>;

const PortMapping = z
  .object({
    name: z.string().meta({ description: 'Protocol.', examples: ['tcp'] }),
    container_port: z.int().min(1).max(65535).optional().meta({ description: 'Port inside.' }),
    host_port: z.int().min(1).max(65535).optional().meta({ description: 'Port outside.' }),
  })
  .meta({ id: 'PortMapping', description: 'A published port.' });

const HealthCheck = z
  .object({
    status: z.enum(['healthy', 'unhealthy', 'unknown']),
    message: z.string().optional(),
    checked_at: Timestamp,
  })
  .meta({ id: 'HealthCheck', description: 'Result of the last probe.' });

const ServiceStatus = z
  .object({
    container_id: z.string().optional(),
    image_version: z.string().optional(),
    addresses: z.array(z.string()).optional(),
    ports: z.array(PortMapping).optional(),
    health_check: HealthCheck.optional(),
    last_health_at: Timestamp.optional(),
    service_ready: z.boolean().optional(),
  })
  .meta({ id: 'ServiceStatus', description: 'What runs of the service.' });

export const ApiServiceInstance = z
  .object({
    service_instance_id: z.string().meta({ description: '`<database>-<service>-<host>`' }),
    service_id: z.string().meta({ description: 'Service of the spec.' }),
    database_id: z.string().meta({ description: 'Database it belongs to.' }),
    host_id: z.string().meta({ description: 'Host it runs on.' }),
    state: z.enum(['creating', 'running', 'failed', 'deleting']).meta({ description: 'State of the service.' }),
    created_at: Timestamp,
    updated_at: Timestamp,
    error: z.string().optional().meta({ description: 'What is wrong.' }),
    status: ServiceStatus.optional(),
  })
  .meta({ id: 'ServiceInstance', description: 'One service on one host.' });
export type ApiServiceInstance = z.output<typeof ApiServiceInstance>;
