import type pg from 'pg';
import { PUBLICATION } from '../sql/index.ts';
import { DIGEST } from './schema/index.ts';

/** What `installNode` has made in a database. */
export interface Installed {
  /** `other`: a schema of another release than this program, which its replicators do not work with. */
  readonly schema: 'none' | 'other' | 'current';
  readonly isPublished: boolean;
  /** Absent without a schema, or before it was said. */
  readonly node?: number;
}

const LOOK = `SELECT pg_catalog.to_regclass('windlass.version') IS NOT NULL AND pg_catalog.to_regclass('windlass.local') IS NOT NULL AS there,
  EXISTS (SELECT FROM pg_catalog.pg_publication WHERE pubname OPERATOR(pg_catalog.=) $1) AS published`;
const VERSION = `SELECT (SELECT digest FROM windlass.version) OPERATOR(pg_catalog.=) $1 AS current, (SELECT node FROM windlass.local) AS node`;

export async function installedIn(client: pg.ClientBase): Promise<Installed> {
  const [found] = (await client.query<{ there: boolean; published: boolean }>(LOOK, [PUBLICATION])).rows;
  const isPublished = found?.published ?? false;
  if (!found?.there) return { schema: 'none', isPublished };
  const [version] = (await client.query<{ current: boolean | null; node: number | null }>(VERSION, [DIGEST])).rows;
  const schema = version?.current === true ? 'current' : 'other';
  return { schema, isPublished, ...(typeof version?.node === 'number' && { node: version.node }) };
}
