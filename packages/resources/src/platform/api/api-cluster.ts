import { z } from 'zod';
import { Identifier, Timestamp } from '../../api/texts.ts';
import { HostDrain } from './api-drain.ts';

export const VersionInfo = z
  .object({
    version: z.string().meta({ description: 'Version of the server.', examples: ['0.1.0'] }),
    revision: z.string().meta({ description: 'Commit it was built from.' }),
    revision_time: Timestamp,
    arch: z.string().meta({ description: 'CPU architecture.', examples: ['amd64'] }),
  })
  .meta({ id: 'VersionInfo', description: 'What is running.' });
export type VersionInfo = z.output<typeof VersionInfo>;

export const ClusterJoinToken = z
  .object({
    token: z
      .string()
      .meta({ description: 'Shared secret for joining.', examples: [`PGEDGE-${'0'.repeat(64)}-${'0'.repeat(32)}`] }),
    server_urls: z
      .array(z.string())
      .meta({ description: 'URLs of the answering host.', examples: [['http://192.0.2.10:3000']] }),
  })
  .meta({ id: 'ClusterJoinToken', description: 'What a host needs to join.' });
export type ClusterJoinToken = z.output<typeof ClusterJoinToken>;

export const ComponentStatus = z
  .object({
    healthy: z.boolean().meta({ description: 'Whether it works.' }),
    error: z.string().optional().meta({ description: 'What is wrong.' }),
    details: z.record(z.string(), z.unknown()).optional().meta({ description: 'More about it.' }),
  })
  .meta({ id: 'ComponentStatus', description: 'Health of a part of a host.' });

const PgEdgeVersion = z
  .object({
    postgres_version: z.string().meta({ description: 'Version of Postgres.', examples: ['17.6'] }),
    spock_version: z
      .string()
      .meta({ description: 'Major version of Spock whose names schema `spock` has.', examples: ['5'] }),
  })
  .meta({ id: 'PgEdgeVersion', description: 'A deployable version.' });

const HostStatus = z
  .object({
    state: z
      .enum(['healthy', 'unreachable', 'degraded', 'unknown'])
      .meta({ description: 'Health of the host.', examples: ['healthy'] }),
    updated_at: Timestamp.meta({ description: 'Last heartbeat.' }),
    components: z
      .record(z.string(), ComponentStatus)
      .meta({ description: 'Health by part.', examples: [{ docker: { healthy: true, error: '' } }] }),
  })
  .meta({ id: 'HostStatus', description: 'Health of a host.' });

export const ApiHost = z
  .object({
    id: Identifier.meta({ description: 'Id of the host.', examples: ['host-1'] }),
    orchestrator: z.enum(['swarm', 'systemd']).meta({ description: 'What runs the containers.' }),
    data_dir: z.string().meta({ description: 'Directory of the data.' }),
    cohort: z
      .object({ type: z.string(), member_id: z.string(), control_available: z.boolean() })
      .optional()
      .meta({
        description: 'Membership in a swarm.',
        examples: [{ type: 'swarm', member_id: 'k3v9', control_available: true }],
      }),
    peer_addresses: z.array(z.string()).meta({ description: 'Addresses for other hosts.' }),
    client_addresses: z.array(z.string()).meta({ description: 'Addresses for applications.' }),
    cpus: z.int().optional().meta({ description: 'Number of CPUs.' }),
    memory: z
      .string()
      .optional()
      .meta({ description: 'Memory.', examples: ['17GB'] }),
    status: HostStatus,
    default_pgedge_version: PgEdgeVersion.optional(),
    supported_pgedge_versions: z.array(PgEdgeVersion).optional().meta({ description: 'What can be deployed.' }),
    etcd_mode: z.enum(['server', 'client']).optional().meta({ description: 'Role in etcd.' }),
    drain: HostDrain.optional(),
  })
  .meta({ id: 'Host', description: 'A machine that runs databases.' });
export type ApiHost = z.output<typeof ApiHost>;

export const ListHostsResponse = z
  .object({ hosts: z.array(ApiHost) })
  .meta({ id: 'ListHostsResponse', description: 'All hosts, by id.' });

export const ApiCluster = z
  .object({
    id: Identifier.meta({ description: 'Id of the cluster.' }),
    status: z
      .object({ state: z.enum(['available', 'error']) })
      .meta({ description: 'Health of the cluster.', examples: [{ state: 'available' }] }),
    hosts: z.array(ApiHost).meta({ description: 'All hosts.' }),
  })
  .meta({ id: 'Cluster', description: 'The cluster.' });
export type ApiCluster = z.output<typeof ApiCluster>;
