import pg from 'pg';
import { DomainError } from '../errors/index.ts';
import type { ClientIdentity } from './patroni.ts';
import { toDomainError } from './postgres-errors.ts';
import { PostgresPools } from './postgres-pools.ts';
import { secureContextOf } from './secure-context.ts';
import type { PostgresPort, PostgresSession, PostgresTarget } from './ports.ts';

/** The control plane's own superuser; it proves itself with the certificate of this name. */
export const SUPERUSER = 'windlass';

const CONNECT_TIMEOUT_MS = 1500;

/** Sessions as the superuser, over TLS with a client certificate. Errors never carry statements or parameters. */
export function createPostgres(identity: () => Promise<ClientIdentity>): PostgresPort & { close(): Promise<void> } {
  const pools = new PostgresPools();
  const keptSession: PostgresPort['session'] = async (target, work) => {
    const current = await identity();
    try {
      return await pools.session(configOf(target, current), current, target.signal, (client) =>
        work(toSession(client, target.database)),
      );
    } catch (err) {
      throw err instanceof DomainError ? err : toDomainError(err, target.database);
    }
  };
  return {
    close: () => pools.close(),
    onSessionLost: (listener) => pools.onLost(listener),
    session: async (target, work) => {
      if (target.keep) return keptSession(target, work);
      const client = await connect(target, await identity());
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

const configOf = ({ address, database }: PostgresTarget, identity: ClientIdentity): pg.ClientConfig => ({
  host: address,
  port: 5432,
  user: SUPERUSER,
  database,
  application_name: 'windlass',
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  ssl: { secureContext: secureContextOf(identity), checkServerIdentity: () => undefined },
});

async function connect(target: PostgresTarget, identity: ClientIdentity): Promise<pg.Client> {
  const client = new pg.Client(configOf(target, identity));
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (err) {
    await client.end().catch(() => undefined);
    throw toDomainError(err, target.database);
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
