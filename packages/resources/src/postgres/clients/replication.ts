import { forgetNode, installNode, uninstallNode } from '@windlass/data/node';
import pg from 'pg';
import { domainErrorOf } from '../../errors/index.ts';
import { secureContextOf, type ClientIdentity } from '../../platform/clients/secure-context.ts';
import type { PostgresPlace, ReplicationPort } from './ports.ts';
import { SUPERUSER } from './postgres.ts';
import { toDomainError } from './postgres-errors.ts';
import { createReplicatorHttp } from './replicator-http.ts';

const CONNECT_TIMEOUT_MS = 1500;

/** Our own changes are no user's: neither triggers for DDL nor those of tables fire, those apart that are always on. */
const SETTINGS =
  '-c session_replication_role=replica -c search_path=pg_catalog,pg_temp -c role=none -c statement_timeout=0';

/** Replication as `@windlass/data` does it, with sessions of the superuser. */
export function createReplication(
  identity: () => Promise<ClientIdentity>,
): ReplicationPort & { close(): Promise<void> } {
  const { status, close } = createReplicatorHttp(identity);
  const on = async <T>(at: PostgresPlace, work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client(configOf(at, await identity()));
    client.on('error', () => undefined);
    const abort = (): void => void client.end().catch(() => undefined);
    at.signal.addEventListener('abort', abort, { once: true });
    try {
      await client.connect();
      return await work(client);
    } catch (err) {
      throw domainErrorOf(err) ? err : toDomainError(err, at.database);
    } finally {
      at.signal.removeEventListener('abort', abort);
      await client.end().catch(() => undefined);
    }
  };
  return {
    ...{ status, close },
    install: (at, node) => on(at, (client) => installNode(client, node)),
    uninstall: (at) => on(at, uninstallNode),
    forget: (at, number) => on(at, (client) => forgetNode(client, number)),
  };
}

const configOf = ({ address, database }: PostgresPlace, identity: ClientIdentity): pg.ClientConfig => ({
  ...{ host: address, port: 5432, user: SUPERUSER, database, application_name: 'windlass', options: SETTINGS },
  ...{ keepAlive: true, connectionTimeoutMillis: CONNECT_TIMEOUT_MS },
  ssl: { secureContext: secureContextOf(identity), checkServerIdentity: () => undefined },
});
