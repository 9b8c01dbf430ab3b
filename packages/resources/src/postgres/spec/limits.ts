/** The longest a name may be where somebody else keeps it. */
export interface NameLimit {
  readonly most: number;
  readonly unit: 'characters' | 'bytes';
  /** Who says so, and where. */
  readonly source: string;
}

const limit = (most: number, unit: NameLimit['unit'], source: string): NameLimit => ({ most, unit, source });

/** The limits of what is below, which no name made from a spec may exceed. Each is a fact of that part, not a choice. */
export const NAME_LIMITS = {
  /** Of a service, network, secret or config of the swarm. */
  swarmObject: limit(63, 'characters', 'swarmkit, validateAnnotations: "name must be 63 characters or fewer"'),
  /** Of a container, as it knows itself and as others find it in a network. */
  hostname: limit(63, 'bytes', 'RFC 1035, 2.3.4: labels 63 octets or less'),
  /** Of a role, database, replication slot, setting's `cluster_name`. */
  postgresIdentifier: limit(63, 'bytes', 'Postgres, NAMEDATALEN - 1'),
  certificateName: limit(64, 'characters', 'RFC 5280, ub-common-name'),
  /** Of a workflow, a schedule or a task queue. */
  temporalId: limit(1000, 'bytes', 'Temporal, limit.maxIDLength'),
  /** One part of a path. */
  fileName: limit(255, 'bytes', 'Linux, NAME_MAX'),
} as const satisfies Readonly<Record<string, NameLimit>>;

/** How long a name is in the unit of its limit. */
export const lengthOf = (name: string, { unit }: NameLimit): number =>
  unit === 'bytes' ? Buffer.byteLength(name) : [...name].length;

/**
 * The longest spec, as JSON in bytes. An accepting transaction holds it twice (as the spec and in the answer that is
 * remembered under an `Idempotency-Key`) beside its secrets, and etcd takes 1.5 MiB.
 */
export const MAX_SPEC_BYTES = 512 * 1024;
