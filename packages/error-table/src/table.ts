/**
 * The one table of errors: HTTP status, whether Temporal may retry the step, and the message used when none is given.
 * Names in the first block are the wire contract's; the second block is ours.
 */
export const ERRORS = {
  cluster_already_initialized: {
    status: 409,
    retryable: false,
    title: 'this operation is invalid on an initialized cluster',
  },
  cluster_not_initialized: {
    status: 409,
    retryable: false,
    title: 'this operation is invalid on an uninitialized cluster',
  },
  database_not_modifiable: {
    status: 409,
    retryable: false,
    title: 'the target database is not modifiable in its current state',
  },
  database_already_exists: { status: 409, retryable: false, title: 'a database already exists with the given ID' },
  operation_already_in_progress: {
    status: 409,
    retryable: false,
    title: 'an operation is already in progress for the given entity',
  },
  invalid_input: { status: 400, retryable: false, title: 'the request is not valid' },
  operation_not_supported: {
    status: 400,
    retryable: false,
    title: 'operation not supported by this control plane server',
  },
  invalid_join_token: { status: 401, retryable: false, title: 'the given join token is invalid' },
  not_found: { status: 404, retryable: false, title: 'not found' },
  server_error: { status: 500, retryable: false, title: 'internal server error' },

  revision_conflict: { status: 412, retryable: false, title: 'the database was changed since the given revision' },
  resource_not_owned: {
    status: 409,
    retryable: false,
    title: 'something with this name exists and is not managed by Windlass',
  },
  resource_contended: { status: 409, retryable: true, title: 'the resource was changed at the same time' },
  too_many_attempts: {
    status: 429,
    retryable: true,
    title: 'too many refused attempts from this address; try again in a minute',
  },
  not_a_member: { status: 403, retryable: false, title: 'only a host of this cluster may ask for this' },
  operation_refused: { status: 409, retryable: false, title: 'the operation makes no sense as things are' },
  stale_task: { status: 409, retryable: false, title: 'this task no longer owns the database' },
  host_unreachable: { status: 503, retryable: true, title: 'the host does not answer' },
  port_in_use: { status: 400, retryable: false, title: 'the port is already in use on the host' },
  image_not_found: { status: 400, retryable: false, title: 'no image for this version on the host' },
  docker_unavailable: { status: 503, retryable: true, title: 'the Docker engine does not answer' },
  store_unavailable: { status: 503, retryable: true, title: 'etcd does not answer' },
  server_unavailable: { status: 503, retryable: true, title: 'no server of the cluster answers' },
  temporal_unavailable: { status: 503, retryable: true, title: 'Temporal does not answer' },
  no_primary: { status: 503, retryable: true, title: 'the node has no primary at the moment' },
  primary_moved: { status: 503, retryable: false, title: 'the primary is on another host now' },
  postgres_unavailable: { status: 503, retryable: true, title: 'Postgres does not answer' },
  patroni_unavailable: { status: 503, retryable: true, title: 'Patroni does not answer' },
  replicator_unavailable: { status: 503, retryable: true, title: 'the replicator does not answer' },
  instance_not_ready: { status: 503, retryable: true, title: 'the instance did not become ready in time' },
  script_failed: { status: 500, retryable: false, title: 'a script of the spec failed' },
  postgres_rejected: { status: 500, retryable: false, title: 'Postgres refused a statement' },
  service_rejected: { status: 500, retryable: false, title: 'the Docker Swarm rejected the service' },
  backup_failed: { status: 500, retryable: false, title: 'pgBackRest failed' },
  compare_failed: { status: 500, retryable: true, title: 'the nodes could not be compared' },
  backup_damaged: { status: 500, retryable: false, title: 'the backup cannot be restored' },
  backup_in_progress: { status: 409, retryable: true, title: 'another backup of the node is running' },
  backup_not_found: { status: 404, retryable: false, title: 'no backup fits what is to be restored' },
  restore_failed: { status: 500, retryable: false, title: 'the backup could not be restored' },
  no_space: { status: 507, retryable: false, title: 'there is not enough space on the disk of the host' },
  record_unreadable: { status: 500, retryable: false, title: 'what is stored is not what this version expects' },
  store_newer: { status: 500, retryable: false, title: 'the store is of a newer version than this program' },
  store_upgrading: { status: 503, retryable: true, title: 'the store is being upgraded' },
  steps_failed: { status: 500, retryable: false, title: 'some steps of the plan failed' },
  too_large: { status: 413, retryable: false, title: 'it is larger than can be stored' },
  store_refused: { status: 500, retryable: false, title: 'etcd refuses the request' },
  temporal_refused: { status: 500, retryable: false, title: 'Temporal refuses the request' },
  patroni_refused: { status: 500, retryable: false, title: 'Patroni refuses the request' },
  store_full: { status: 507, retryable: true, title: 'etcd is full and takes no writes until it has space again' },
  too_many_requests: {
    status: 429,
    retryable: true,
    title: 'more requests within a minute than one login, or one address, may send; `Retry-After` says when to go on',
  },
  overloaded: {
    status: 503,
    retryable: true,
    title: 'the server has as much to do at once as it takes; nothing was begun',
  },
  issuer_unavailable: {
    status: 503,
    retryable: true,
    title: 'the issuer of this login does not answer, and its keys are not known any more; other logins work',
  },
  login_required: {
    status: 401,
    retryable: false,
    title: 'only with a token, or the client certificate of a host, a server or an operator of this cluster',
  },
  not_permitted: { status: 403, retryable: false, title: 'this login does not open this' },
  foreign_request: {
    status: 403,
    retryable: false,
    title: 'the request comes from a page or under a name of another site',
  },
  backup_not_verified: {
    status: 500,
    retryable: false,
    title: 'the backup could not be verified; nothing is known of it',
  },
  settings_refused: { status: 400, retryable: false, title: 'Postgres refuses the settings' },
  postgres_cannot_start: { status: 500, retryable: false, title: 'Postgres does not start' },
  in_use: { status: 409, retryable: false, title: 'something else refers to it' },
  connection_failed: { status: 503, retryable: true, title: 'the connection to a source or a destination failed' },
  source_not_ready: { status: 409, retryable: false, title: 'the source is not set up for reading its changes' },
  slot_in_use: { status: 409, retryable: true, title: 'another session reads from the replication slot' },
  slot_lost: { status: 409, retryable: false, title: 'the replication slot is gone or has lost what it kept' },
} as const satisfies Record<string, ErrorFacts>;

export interface ErrorFacts {
  readonly status: number;
  readonly retryable: boolean;
  readonly title: string;
}

export type ErrorName = keyof typeof ERRORS;

export function isErrorName(x: unknown): x is ErrorName {
  return typeof x === 'string' && Object.hasOwn(ERRORS, x);
}

/** An error a user or operator can act on. The message is one line, lower-case, and holds no secret. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorName;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorName, message?: string, options: { details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message ?? ERRORS[code].title, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** The first `DomainError` in the cause chain, if there is one. */
export function domainErrorOf(err: unknown): DomainError | undefined {
  for (let e: unknown = err; e instanceof Error; e = e.cause) if (e instanceof DomainError) return e;
  return undefined;
}
