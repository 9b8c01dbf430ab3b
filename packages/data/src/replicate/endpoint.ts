import { DomainError } from '@windlass/error-table';
import type pg from 'pg';
import { asOptions, clientOf } from '../sql/index.ts';
import { Signal } from '../waiting/index.ts';
import { toSourceError, type SessionOptions } from '../source/postgres/index.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** TLS as Node's `tls.connect` takes it. */
export type Tls = NonNullable<SessionOptions['ssl']>;

/** Where a node's primary may be, and as whom to log in. */
export interface Endpoint {
  /** Any of them may be the primary, and it may be another one a moment later. */
  readonly hosts: readonly Address[];
  readonly database: string;
  readonly user: string;
  readonly password?: NonNullable<SessionOptions['password']>;
  /** Asked for each connection, so that certificates may be renewed; absent: without TLS. */
  readonly tls?: () => Tls | Promise<Tls>;
}

export interface ConnectOptions {
  /** How the session is called in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Ends it at once, whatever it is doing. */
  readonly signal: AbortSignal;
  /** Settings of the session, which win over those of database and role. */
  readonly settings: Readonly<Record<string, string>>;
  /** How long one answer may take, in ms; absent: for ever. */
  readonly queryTimeoutMs?: number;
  /** A replica is waited for until it is promoted, with one session; only where there is one host. */
  readonly untilPromoted?: true;
}

/** A session with a primary, and where that is. */
export interface PrimarySession {
  readonly client: pg.Client;
  readonly address: Address;
  readonly major: number;
}

/** A first packet that is lost is sent again after 1 s: long enough for that, short enough to be back soon. */
export const CONNECT_TIMEOUT_MS = 3000;

/** The server notices within seconds that we are gone, also in the middle of a statement, and lets go of what we held. */
const NOTICED = {
  client_connection_check_interval: '1000',
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '2',
  tcp_keepalives_count: '3',
};

/**
 * Asks all hosts at once and takes the first that is not in recovery; a host that does not answer costs no time while another does: while one
 * has not answered, the replicas are asked again whether they were promoted. Throws `no_primary` when all that answer are replicas, else what
 * the first one said: `connection_failed`, `source_not_ready`.
 */
export async function connectPrimary(endpoint: Endpoint, options: ConnectOptions): Promise<PrimarySession> {
  let isFound = false;
  const asking = new Asking(endpoint.hosts);
  const attempts = endpoint.hosts.map(async (address) => {
    const session = await connect(endpoint, address, options, asking);
    if (!isFound) return ((isFound = true), session);
    await session.client.end();
    throw new DomainError('no_primary', 'another one was found');
  });
  try {
    return await Promise.any(attempts);
  } catch (err) {
    const { errors } = err as AggregateError;
    throw mostTelling(errors);
  } finally {
    asking.end();
  }
}

/** Until every host has said something. */
class Asking {
  readonly #over = new AbortController();
  readonly #silent: Set<Address>;

  constructor(hosts: readonly Address[]) {
    this.#silent = new Set(hosts);
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  answered(host: Address): void {
    this.#silent.delete(host);
    if (this.#silent.size === 0) this.end();
  }

  end(): void {
    this.#over.abort();
  }
}

/** That a replica is one says little while another host says why it cannot be reached. */
function mostTelling(errors: readonly unknown[]): unknown {
  const others = errors.filter((one) => !(one instanceof DomainError && one.code === 'no_primary'));
  return others[0] ?? errors[0] ?? new DomainError('invalid_input', 'no host is given');
}

async function connect(
  endpoint: Endpoint,
  address: Address,
  options: ConnectOptions,
  asking: Asking,
): Promise<PrimarySession> {
  const { signal } = options;
  const isAlone = endpoint.hosts.length === 1;
  const patience = options.untilPromoted === true && isAlone ? undefined : asking.signal;
  const answered = (): void => asking.answered(address);
  const client = clientOf(await configOf(endpoint, address, options), signal);
  try {
    signal.throwIfAborted();
    await client.connect();
    return { client, address, major: await untilPrimary(client, signal, answered, patience) };
  } catch (err) {
    answered();
    client.connection.stream.destroy();
    throw toSourceError(err, 'login');
  }
}

/** Where a host is, and as whom to log in. */
export async function loginOf(endpoint: Endpoint, address: Address): Promise<pg.ClientConfig> {
  const { database, user, password = (): string => '', tls } = endpoint;
  return {
    ...{ ...address, database, user, password, connectionTimeoutMillis: CONNECT_TIMEOUT_MS },
    ...(tls && { ssl: await tls() }),
  };
}

async function configOf(endpoint: Endpoint, address: Address, options: ConnectOptions): Promise<pg.ClientConfig> {
  return {
    ...(await loginOf(endpoint, address)),
    ...{ keepAlive: true, application_name: options.applicationName },
    ...(options.queryTimeoutMs !== undefined && { query_timeout: options.queryTimeoutMs }),
    options: asOptions({ ...NOTICED, statement_timeout: '0', search_path: '', ...options.settings }),
  };
}

/** How often a replica is asked whether it is one still, in ms. */
const PROMOTED_MS = 50;

/** Throws `no_primary` of a replica when `patience` is over; without one it is waited for. */
async function untilPrimary(client: pg.Client, signal: AbortSignal, isReplica: () => void, patience?: AbortSignal) {
  const pause = new Signal();
  for (;;) {
    signal.throwIfAborted();
    try {
      return await checkPrimary(client);
    } catch (err) {
      if (!(err instanceof DomainError && err.code === 'no_primary')) throw err;
      isReplica();
      if (patience?.aborted === true) throw err;
    }
    await pause.next(PROMOTED_MS, patience ? AbortSignal.any([signal, patience]) : signal);
  }
}

async function checkPrimary(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ is_replica: boolean; version: number }>(
    `SELECT pg_catalog.pg_is_in_recovery() AS is_replica, pg_catalog.current_setting('server_version_num')::int AS version`,
  );
  if (rows[0]?.is_replica !== false) throw new DomainError('no_primary', 'the host is a replica');
  return Math.floor(rows[0].version / 10_000);
}
