import type pg from 'pg';
import { nodeOfName } from './names.ts';
import { literal } from './quote.ts';

/** What tells which node committed a transaction, as one node knows it. */
export interface Origins {
  /** The number of this node. */
  readonly me: number;
  /** The number of each node by the id of its replication origin here. */
  readonly nodes: ReadonlyMap<number, number>;
  /** Until when what has no origin was committed by another node, oldest first: this one began as a copy of it. */
  readonly copied: readonly { readonly until: string; readonly node: number }[];
}

interface Found {
  readonly ids: readonly { readonly id: number; readonly node: number }[];
  readonly copies: boolean;
}

const NODE = nodeOfName('roname');
const FOUND = `SELECT pg_catalog.to_regclass('windlass.copied') IS NOT NULL AS copies,
  (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('id', roident::int, 'node', ${NODE})), '[]')
    FROM pg_catalog.pg_replication_origin WHERE ${NODE} IS NOT NULL) AS ids`;
const COPIED = 'SELECT until::text, node FROM windlass.copied ORDER BY windlass.copied.until';

/** Read once in a session, in which dates have the style of ISO. A database without schema `windlass` is no copy. */
export async function readOrigins(client: pg.ClientBase, me: number): Promise<Origins> {
  const [found] = (await client.query<Found>(FOUND)).rows;
  const copied = found?.copies ? (await client.query<Origins['copied'][number]>(COPIED)).rows : [];
  return { me, nodes: new Map(found?.ids.map(({ id, node }) => [id, node])), copied };
}

/**
 * SQL for the number of the node whose transaction it is. `of`: a row of `pg_xact_commit_timestamp_origin`. Origins are written into the statement: no
 * look-up for each row. One that is no node's is 0: older than each node where times are equal.
 */
export function nodeOf({ me, nodes, copied }: Origins, of: string): string {
  const cases = [...nodes].map(([id, node]) => `WHEN ${String(id)} THEN ${String(node)}`).join(' ');
  const earlier = copied.map(
    ({ until, node }) => `WHEN ${of}."timestamp" <= ${literal(until)}::timestamptz THEN ${String(node)}`,
  );
  const here = earlier.length > 0 ? `CASE ${earlier.join(' ')} ELSE ${String(me)} END` : String(me);
  return `CASE ${of}.roident WHEN 0 THEN ${here} ${cases} ELSE 0 END`;
}
