import type pg from 'pg';
import { DomainError } from '@windlass/error-table';
import { inTransaction, QUIETLY } from './in-transaction.ts';
import { waitForOlder } from './older.ts';
import { isPublished, publish } from './publication.ts';
import { DIGEST, SCHEMA, VERSION } from './schema/index.ts';
import { settle } from './settle.ts';
import { makeSpock } from './spock.ts';
import { watchSequences } from './watch-sequences.ts';
import { PATIENCE, watchTables, type Patience } from './watch-tables.ts';
import { giveLock, MAKE_ORIGIN, originOf, takeLock } from '../sql/index.ts';

export interface NodeName {
  /** Never given twice. */
  readonly number: number;
  readonly name: string;
}

export interface InstallOptions extends NodeName {
  /** The other nodes. Those that are not named any more stay known: rows have their numbers. */
  readonly peers: readonly NodeName[];
  /**
   * Where this node began as a physical copy: of which node, and a time that all commits of the copy are not after and all of this node
   * will be after, as Postgres writes it.
   */
  readonly copyOf?: { readonly node: number; readonly until: string };
  readonly patience?: Patience;
  /** Whether new sequences are interleaved; absent: as it was said last, and at first they are. */
  readonly distinctKeys?: boolean;
}

/**
 * Makes what lies in a node's database: schema `windlass`, triggers and replica identity of every table, and then the publication. To be
 * called outside of a transaction, whenever a replicator starts: what is there already is not made again, and after a kill anywhere it goes on. By a
 * superuser the first time and with each new version of the schema; by role windlass_replicator, which it makes, when that is done (`source_not_ready`). Users are not kept waiting; see `watchTables` for what it throws, and `resource_not_owned`, `source_not_ready`.
 */
export async function installNode(client: pg.ClientBase, options: InstallOptions): Promise<void> {
  const isSuperuser = await check(client);
  await takeLock(client, 'install');
  try {
    await makeSchema(client, isSuperuser);
    const isRenumbered = await identify(client, options);
    if (isSuperuser) await makeSpock(client);
    await interleave(client, options, isRenumbered);
    const isPublic = await isPublished(client);
    if (!isPublic && !isSuperuser) throw needsSuperuser('there is no publication');
    // What was done before the event triggers were there has not fired them.
    if (!isPublic) await waitForOlder(client, options.patience?.totalMs);
    await watchTables(client, options.patience);
    if (isSuperuser) await publish(client);
  } finally {
    await giveLock(client, 'install').catch(() => undefined);
  }
}

const CHECK = `SELECT current_setting('server_encoding') AS encoding, current_setting('is_superuser') AS superuser,
  current_setting('track_commit_timestamp') AS commit_times, n.owner
  FROM (SELECT (SELECT r.rolsuper FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner
    WHERE n.nspname = 'windlass') AS owner) n`;

interface Facts {
  readonly encoding: string;
  readonly superuser: string;
  readonly commit_times: string;
  /** Whether the schema is a superuser's; NULL when there is none. */
  readonly owner: boolean | null;
}

async function check(client: pg.ClientBase): Promise<boolean> {
  const [facts] = (await client.query<Facts>(CHECK)).rows;
  if (facts?.commit_times !== 'on') throw new DomainError('source_not_ready', 'track_commit_timestamp has to be on');
  if (facts.encoding !== 'UTF8')
    throw new DomainError('source_not_ready', `the encoding is ${facts.encoding}, it has to be UTF8`);
  if (facts.owner === false)
    throw new DomainError('resource_not_owned', 'there is a schema "windlass" that belongs to a user');
  return facts.superuser === 'on';
}

const needsSuperuser = (what: string): DomainError =>
  new DomainError('source_not_ready', `${what}: a superuser has to install this node first`);

const STATE = `SELECT to_regclass('windlass.version') IS NOT NULL AS there`;
const RECORD = `INSERT INTO windlass.version AS v (version, digest) VALUES ($1, $2)
  ON CONFLICT (single) DO UPDATE SET version = excluded.version, digest = excluded.digest`;

/** In one transaction, and only where it is not there as this program has it. */
async function makeSchema(client: pg.ClientBase, isSuperuser: boolean): Promise<void> {
  const found = await versionOf(client);
  if (found && found.version > VERSION)
    throw new DomainError(
      'operation_not_supported',
      `the schema is of version ${String(found.version)}, this program knows ${String(VERSION)}`,
    );
  if (found?.digest === DIGEST) return;
  if (!isSuperuser) throw needsSuperuser('schema windlass is not that of this program');
  await inTransaction(client, QUIETLY, async () => {
    await client.query(SCHEMA);
    await client.query(RECORD, [VERSION, DIGEST]);
  });
}

async function versionOf(client: pg.ClientBase): Promise<{ version: number; digest: string } | undefined> {
  if (!(await client.query<{ there: boolean }>(STATE)).rows[0]?.there) return undefined;
  const { rows } = await client.query<{ version: number; digest: string }>(
    'SELECT version, digest FROM windlass.version',
  );
  return rows[0];
}

const NODE = `INSERT INTO windlass.node AS n (number, name, origin) VALUES ($1, $2, $3)
  ON CONFLICT (number) DO UPDATE SET name = excluded.name, origin = excluded.origin
  WHERE (n.name, n.origin) IS DISTINCT FROM (excluded.name, excluded.origin)`;
/** One of these names may have been that of a node that was to be added, and never was, or is gone: it keeps its number. */
const FORMER = `UPDATE windlass.node SET name = name || ' (removed, ' || number || ')'
  WHERE name = ANY ($1) AND number <> ALL ($2) AND name NOT LIKE '% (removed, %)'`;
const COPIED =
  'INSERT INTO windlass.copied (until, node) VALUES ($1, $2) ON CONFLICT (until) DO UPDATE SET node = excluded.node';
const LOCAL = 'INSERT INTO windlass.local (node) VALUES ($1) ON CONFLICT (single) DO UPDATE SET node = excluded.node';

/** The number of a schema that was only left because users' objects hang on it is nobody's. */
const BEFORE = 'SELECT l.node FROM windlass.local l JOIN windlass.node n ON n.number = l.node';

/** Says which node this is. A copy has the number of its source until it is told its own; what it holds is its source's. True: it had another. */
async function identify(client: pg.ClientBase, options: InstallOptions): Promise<boolean> {
  const { number, copyOf } = options;
  const before = (await client.query<{ node: number }>(BEFORE)).rows[0]?.node;
  const isRenumbered = before !== undefined && before !== number;
  if (isRenumbered && copyOf?.node !== before)
    throw new DomainError(
      'resource_not_owned',
      `this database is that of node ${String(before)}, not of node ${String(number)}`,
    );
  if (isRenumbered) await settle(client);
  await inTransaction(client, '', async () => {
    await nameNodes(client, options);
    if (isRenumbered) await client.query(COPIED, [copyOf?.until, before]);
    if (isRenumbered) await client.query('DELETE FROM windlass.peer_status');
    await client.query(LOCAL, [number]);
    // Rows that are put back have the version they had, also those of this node.
    await client.query(MAKE_ORIGIN, [originOf(number)]);
  });
  return isRenumbered;
}

async function nameNodes(client: pg.ClientBase, { number, name, peers }: InstallOptions): Promise<void> {
  const nodes = [{ number, name }, ...peers];
  await client.query(FORMER, [nodes.map((node) => node.name), nodes.map((node) => node.number)]);
  for (const node of nodes) await client.query(NODE, [node.number, node.name, originOf(node.number)]);
}

const DISTINCT_KEYS = `UPDATE windlass.setting SET distinct_keys = $1 WHERE distinct_keys <> $1`;

/** A copy gives its source's values until its sequences are told its own number: that must not be left for later. */
async function interleave(client: pg.ClientBase, { distinctKeys, patience }: InstallOptions, isRenumbered: boolean) {
  if (distinctKeys !== undefined) await client.query(DISTINCT_KEYS, [distinctKeys]);
  const left = await watchSequences(client, patience ?? PATIENCE);
  if (isRenumbered && left > 0)
    throw new DomainError('resource_contended', `${String(left)} sequences are in use and give another node's values`);
}
