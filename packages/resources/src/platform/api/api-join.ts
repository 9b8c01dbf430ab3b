import { z } from 'zod';

/** `PGEDGE-`, the SHA-256 of the CA's certificate, a secret: 64 and 32 characters. */
export const JOIN_TOKEN = /^PGEDGE-[\w]{64}-[\w]{32}$/;

export const ClusterJoinRequest = z
  .object({
    token: z.string().regex(JOIN_TOKEN).meta({ description: 'From GET /v1/cluster/join-token.' }),
    host_id: z.string().meta({ description: 'Id of who joins.', examples: ['host-2'] }),
    addresses: z
      .array(z.string().min(3).max(128))
      .meta({ description: 'Addresses at which others reach it.', examples: [['192.0.2.12']] }),
    embedded_etcd_enabled: z.boolean().meta({ description: 'Whether it would run a member of etcd; ours do not.' }),
    role: z.enum(['host', 'control', 'server']).optional().meta({
      description:
        'Ours: a host runs databases, a control host the workflows, too, a server answers this API. `host` unless given.',
    }),
  })
  .meta({ id: 'ClusterJoinRequest', description: 'What somebody who joins says about itself.' });
export type ClusterJoinRequest = z.output<typeof ClusterJoinRequest>;

/** PEM text in base64. */
const Pem = z.string();

export const ClusterJoinOptions = z
  .object({
    leader: z.object({ name: z.string(), peer_urls: z.array(z.string()), client_urls: z.array(z.string()) }),
    credentials: z.object({
      username: z.string(),
      password: z.string(),
      ca_cert: Pem,
      client_cert: Pem,
      client_key: Pem,
      server_cert: Pem,
      server_key: Pem,
    }),
    windlass: z
      .object({
        etcd_endpoints: z.array(z.string()),
        server_urls: z.array(z.string()),
        temporal: z.object({ address: z.string(), namespace: z.string(), tls: z.boolean() }),
        /** Absent while the cluster has no swarm: the first host makes it. */
        swarm: z.object({ join_token: z.string(), addresses: z.array(z.string()) }).optional(),
        /** One or more, a line each, 32 bytes in hex: open the secrets kept in etcd. Only for those that are trusted with all of them. */
        master_key: z.string().optional(),
        /** Key of the CA; only for those that sign certificates. */
        ca_key: Pem.optional(),
      })
      .meta({ description: 'What our hosts and servers need besides.' }),
  })
  .meta({ id: 'ClusterJoinOptions', description: 'What somebody who joins needs. Secret.' });
export type ClusterJoinOptions = z.output<typeof ClusterJoinOptions>;

export const CertificateRequest = z
  .object({
    public_key: z.string().min(1).max(1000).meta({ description: 'P-256, PEM.' }),
    common_name: z.string().max(64).meta({ description: 'May be empty.' }),
    names: z.array(z.string().min(1).max(253)).max(32).meta({ description: 'Names and addresses it is good for.' }),
    days: z.int().min(1).max(825).meta({ description: 'How long it is good at most; for instances 90 days.' }),
    database_id: z
      .string()
      .min(1)
      .max(63)
      .optional()
      .meta({ description: 'Database that the common name is about; unless given it is looked for.' }),
  })
  .meta({ id: 'CertificateRequest', description: 'A certificate a host asks for.' });
export type CertificateRequest = z.output<typeof CertificateRequest>;

export const CertificateAnswer = z
  .object({ certificate: z.string(), not_after: z.string() })
  .meta({ id: 'CertificateAnswer', description: 'The signed certificate, PEM.' });
export type CertificateAnswer = z.output<typeof CertificateAnswer>;

export const DataKeyRequest = z
  .object({
    kind: z.string().min(1).max(63).meta({
      description:
        'Whose key it is: `database`, `backups` for what its repositories need, or `temporal` for what Temporal keeps.',
    }),
    id: z.string().min(1).max(63).meta({ description: 'Id of the database; of `temporal`: `payloads`.' }),
    key_id: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .meta({ description: 'Which key; unless given the one that seals now.' }),
  })
  .meta({ id: 'DataKeyRequest', description: 'The key of an entity that a host asks for.' });
export type DataKeyRequest = z.output<typeof DataKeyRequest>;

export const DataKeyAnswer = z
  .object({ key_id: z.string(), key: z.string().meta({ description: '32 bytes in base64.' }) })
  .meta({ id: 'DataKeyAnswer', description: 'A data key. Secret.' });
export type DataKeyAnswer = z.output<typeof DataKeyAnswer>;

/** How a manager of the swarm lets others in; kept sealed under `swarm/join`. */
export const SwarmEntrance = z.object({ join_token: z.string(), addresses: z.array(z.string()) });
export type SwarmEntrance = z.output<typeof SwarmEntrance>;
export const SWARM_SECRET = 'swarm/join';
