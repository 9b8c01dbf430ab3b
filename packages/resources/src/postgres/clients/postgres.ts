import pg from 'pg';
import { DomainError } from '../../errors/index.ts';
import { LOOK_ROLE, startupOptions } from '../spec/own-sessions.ts';
import type { ControlIdentities } from './control-identities.ts';
import { KnownServers, type Way } from './known-servers.ts';
import type { ClientIdentity } from '../../platform/clients/secure-context.ts';
import { toDomainError } from './postgres-errors.ts';
import { PostgresPools } from './postgres-pools.ts';
import { secureContextOf } from '../../platform/clients/secure-context.ts';
import { PORT as PATRONI } from './patroni.ts';
import { withShownEnd } from '../../platform/clients/shown-end.ts';
import type { PostgresPort, PostgresSession, PostgresTarget } from './ports.ts';

/** The control plane's own superuser. */
export const SUPERUSER = 'windlass';

const CONNECT_TIMEOUT_MS = 1500;

/** No role of ours has a password. A server whose rules do not know the looker asks for one, and is to refuse it by name. */
const NO_PASSWORD = 'none';

/**
 * Sessions of the control plane, over TLS with a client certificate. They begin with settings of their own (ADR 17): nothing that
 * was set for the instance, a database or a role has a say in them. Errors never carry statements or parameters.
 */
export function createPostgres(
  identities: Pick<ControlIdentities, 'begin'>,
): PostgresPort & { close(): Promise<void> } {
  const pools = new PostgresPools();
  const servers = new KnownServers();
  pools.onLost((address) => servers.forget(address));
  const keptSession: PostgresPort['session'] = async (target, work) => {
    const open = (): Promise<pg.PoolClient> =>
      begin(servers, target, identities, (config, identity) => pools.connect(config, identity));
    try {
      return await pools.session(open, target.signal, (client) => work(toSession(client, target.database)));
    } catch (err) {
      throw err instanceof DomainError ? err : await refusal(err, target);
    }
  };
  return {
    close: () => pools.close(),
    onSessionLost: (listener) => pools.onLost(listener),
    session: async (target, work) => {
      if (target.keep) return keptSession(target, work);
      const client = await begin(servers, target, identities, connect).catch(async (err: unknown) => {
        throw await refusal(err, target);
      });
      const abort = (): void => void client.end().catch(() => undefined);
      target.signal?.addEventListener('abort', abort, { once: true });
      try {
        return await work(toSession(client, target.database));
      } finally {
        target.signal?.removeEventListener('abort', abort);
        await client.end().catch(() => undefined);
      }
    },
  };
}

/** Begins a session, and again in another way where the server says that it cannot be begun in this one. */
async function begin<T>(
  servers: KnownServers,
  target: PostgresTarget,
  identities: Pick<ControlIdentities, 'begin'>,
  open: (config: pg.ClientConfig, identity: ClientIdentity) => Promise<T>,
): Promise<T> {
  for (;;) {
    const way = servers.wayTo(target);
    try {
      return await identities.begin(target.address, (identity) => open(configOf(target, identity, way), identity));
    } catch (err) {
      if (!servers.learns(err, target, way)) throw err;
    }
  }
}

/** Patroni of the same container shows the same certificate, to whoever asks. */
async function refusal(err: unknown, { address, database }: PostgresTarget): Promise<DomainError> {
  const { code } = err as { code?: string };
  if (code !== 'CERT_HAS_EXPIRED') return toDomainError(err, database);
  return toDomainError(
    { code, message: await withShownEnd(err, `Postgres at ${address}`, address, PATRONI) },
    database,
  );
}

const configOf = (target: PostgresTarget, identity: ClientIdentity, way: Way): pg.ClientConfig => ({
  host: target.address,
  port: 5432,
  user: way.asLooker ? LOOK_ROLE : SUPERUSER,
  password: NO_PASSWORD,
  database: target.database,
  application_name: 'windlass',
  ...(target.as !== 'user' && { options: startupOptions(way.since17, target.as ?? 'change') }),
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  ssl: { secureContext: secureContextOf(identity), checkServerIdentity: () => undefined },
});

async function connect(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (err) {
    await client.end().catch(() => undefined);
    throw err;
  }
}

function toSession(client: pg.ClientBase, database: string): PostgresSession {
  const query: PostgresSession['query'] = async (sql, params = []) => {
    try {
      const result = (await client.query(
        params.length === 0 ? { text: sql } : { text: sql, values: [...params] },
      )) as unknown;
      const last = (Array.isArray(result) ? result.at(-1) : result) as { rows: never[] } | undefined;
      return last?.rows ?? [];
    } catch (err) {
      throw toDomainError(err, database);
    }
  };
  return {
    query,
    transaction: async (work) => {
      await query('BEGIN');
      try {
        const result = await work();
        await query('COMMIT');
        return result;
      } catch (err) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw err;
      }
    },
    identifier: (name) => pg.escapeIdentifier(name),
    literal: (text) => pg.escapeLiteral(text),
  };
}
