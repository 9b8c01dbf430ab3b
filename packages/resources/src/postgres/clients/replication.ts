import {
  beginAsCopy,
  clientOf,
  dropSlotOf,
  forgetNode,
  installedIn,
  installNode,
  makeSlots,
  uninstallNode,
} from '@windlass/data/node';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { domainErrorOf } from '../../errors/index.ts';
import { secureContextOf, type ClientIdentity } from '../../platform/clients/secure-context.ts';
import type { ControlIdentities } from './control-identities.ts';
import type { PostgresPlace, ReplicationPort, SocketPlace } from './ports.ts';
import { SUPERUSER } from './postgres.ts';
import { toDomainError } from './postgres-errors.ts';
import { createReplicatorHttp } from './replicator-http.ts';

const CONNECT_TIMEOUT_MS = 1500;

/** Our own changes are no user's: neither triggers for DDL nor those of tables fire, those apart that are always on. */
const SETTINGS =
  '-c session_replication_role=replica -c search_path=pg_catalog,pg_temp -c role=none -c statement_timeout=0';

/** Replication as `@windlass/data` does it, with sessions of the superuser. */
export function createReplication(
  identities: Pick<ControlIdentities, 'begin' | 'control'>,
): ReplicationPort & { close(): Promise<void> } {
  const { status, close } = createReplicatorHttp((address) => identities.control(address));
  const on = <T>(at: PostgresPlace, work: (client: pg.Client) => Promise<T>): Promise<T> =>
    withClient((open) => identities.begin(at.address, (identity) => open(configOf(at, identity))), at, work);
  return {
    ...{ status, close },
    installed: (at) => on(at, installedIn),
    install: (at, node) => on(at, (client) => installNode(client, node)),
    uninstall: (at) => on(at, uninstallNode),
    forget: (at, number) => on(at, (client) => forgetNode(client, number)),
    makeSlots: (at, numbers) => on(at, (client) => makeSlots(client, numbers)),
    dropSlot: (at, number) => on(at, (client) => dropSlotOf(client, number)),
    leaveCopy: (at) => onSocket(at, uninstallNode),
    beginAsCopy: (at, node) => onSocket(at, (client) => beginAsCopy(client, node)),
  };
}

type Open = (config: pg.ClientConfig) => Promise<pg.Client>;

/** `begin` says with what a session is opened. */
async function withClient<T>(
  begin: (open: Open) => Promise<pg.Client>,
  { database, signal }: Omit<PostgresPlace, 'address'>,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  let client: pg.Client | undefined;
  try {
    client = await begin((config) => opened(clientOf({ ...config, ...COMMON, database }, signal)));
    return await work(client);
  } catch (err) {
    throw domainErrorOf(err) ? err : toDomainError(err, database);
  } finally {
    await client?.end().catch(() => undefined);
  }
}

async function opened(client: pg.Client): Promise<pg.Client> {
  try {
    await client.connect();
    return client;
  } catch (err) {
    await client.end().catch(() => undefined);
    throw err;
  }
}

/** The path of a socket has 107 bytes at most: it is reached by a shorter one. */
async function onSocket<T>(at: SocketPlace, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const short = await mkdtemp(path.join(tmpdir(), 'windlass-'));
  const link = path.join(short, 's');
  try {
    await symlink(at.directory, link);
    return await withClient((open) => open({ host: link }), at, work);
  } finally {
    await rm(short, { recursive: true });
  }
}

const COMMON: pg.ClientConfig = {
  ...{ port: 5432, user: SUPERUSER, application_name: 'windlass', options: SETTINGS },
  ...{ keepAlive: true, connectionTimeoutMillis: CONNECT_TIMEOUT_MS },
};

const configOf = ({ address }: PostgresPlace, identity: ClientIdentity): pg.ClientConfig => ({
  host: address,
  ssl: { secureContext: secureContextOf(identity), checkServerIdentity: () => undefined },
});
