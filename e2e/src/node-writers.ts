import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { SeveralNodes } from './several-nodes.ts';
import { until } from './stack.ts';

export const TABLE = 'CREATE TABLE IF NOT EXISTS w (id text PRIMARY KEY, n int NOT NULL, by text NOT NULL)';
const PAUSE_MS = 100;
const ROWS = 100;

/** Of a node's writer: what it did, and how often it was refused. */
export interface NodeWriter {
  /** Ends it; gives how many transactions were committed. */
  finish(): Promise<number>;
}

/**
 * Writes to a node every 100 ms, from when it lets it in: 100 new rows, changes and deletes of rows of anybody, in one statement or several.
 * A connection that breaks is made again.
 */
export function writeTo(node: string, open: () => Promise<pg.Client>): NodeWriter {
  let isOver = false;
  let client: pg.Client | undefined;
  let done = 0;
  const run = (async () => {
    for (let round = 0; !isOver; round += 1) {
      try {
        client ??= await open();
        await write(client, node, round);
        done += 1;
        await sleep(PAUSE_MS);
      } catch {
        await client?.end().catch(() => undefined);
        client = undefined;
        await sleep(20);
      }
    }
    await client?.end().catch(() => undefined);
  })();
  return {
    finish: async () => {
      isOver = true;
      await run;
      return done;
    },
  };
}

const INSERT = `INSERT INTO w SELECT $1 || '-' || $2::int || '-' || i, 0, $1 FROM generate_series(1, ${String(ROWS)}) i`;
const UPDATE = `UPDATE w SET n = n + 1, by = $1 WHERE id IN (SELECT id FROM w ORDER BY random() LIMIT 30 FOR UPDATE SKIP LOCKED)`;
const DELETE = `DELETE FROM w WHERE id IN (SELECT id FROM w ORDER BY random() LIMIT 20 FOR UPDATE SKIP LOCKED)`;

async function write(client: pg.Client, node: string, round: number): Promise<void> {
  await client.query(INSERT, [`${node}-${String(process.pid)}`, round]);
  await client.query('BEGIN');
  await client.query(UPDATE, [node]);
  if (round % 2 === 0) await client.query(DELETE);
  await client.query(`INSERT INTO w VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET n = excluded.n, by = excluded.by`, [
    `shared-${String(round % 7)}`, round, node,
  ]); // prettier-ignore
  await client.query('COMMIT');
}

/** All rows of a node's table, in order. */
async function rowsOf(db: SeveralNodes, node: string): Promise<string[]> {
  const client = await db.connect(node);
  try {
    const { rows } = await client.query<{ row: string }>(`SELECT w::text AS row FROM w ORDER BY id COLLATE "C"`);
    return rows.map(({ row }) => row);
  } finally {
    await client.end();
  }
}

/** Resolves with the number of rows when all nodes have the same ones; else throws with those that differ. */
export async function equalRows(db: SeveralNodes, nodes: readonly string[], timeoutMs = 60_000): Promise<number> {
  let differing: string[] = [];
  const look = async (): Promise<number | false> => {
    const [first = [], ...others] = await Promise.all(nodes.map((node) => rowsOf(db, node)));
    const known = new Set(first);
    differing = others.flatMap((rows, i) => {
      const its = new Set(rows);
      const more = rows.filter((row) => !known.has(row)).map((row) => `${nodes[i + 1] ?? ''} alone has ${row}`);
      const less = first.filter((row) => !its.has(row)).map((row) => `${nodes[i + 1] ?? ''} lacks ${row}`);
      return [...more, ...less];
    });
    return differing.length === 0 && first.length;
  };
  return until('all nodes to have the same rows', look, timeoutMs).catch((err: unknown) => {
    throw new Error(`${String(differing.length)} rows differ: ${differing.slice(0, 10).join('; ')}`, { cause: err });
  });
}
