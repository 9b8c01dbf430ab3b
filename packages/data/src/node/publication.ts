import type pg from 'pg';
import { DomainError } from '@windlass/error-table';
import { PUBLICATION } from '../sql/index.ts';

/**
 * From this version on what is in a replica identity must be published, or UPDATE and DELETE are forbidden: stored generated columns are in
 * that of a table without a key. Appliers leave them out.
 */
const PUBLISHES_GENERATED_SINCE = 180000;

const FOUND = `SELECT p.puballtables AND p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate AND NOT p.pubviaroot AS right, r.rolsuper AS ours
  FROM pg_catalog.pg_publication p JOIN pg_catalog.pg_roles r ON r.oid = p.pubowner WHERE p.pubname = $1`;
const MAJOR = `SELECT current_setting('server_version_num')::int AS number`;
const GENERATED = `SELECT p.pubgencols = 's' AS right FROM pg_catalog.pg_publication p WHERE p.pubname = $1`;

export async function isPublished(client: pg.ClientBase): Promise<boolean> {
  const [found] = (await client.query<{ right: boolean; ours: boolean }>(FOUND, [PUBLICATION])).rows;
  if (!found) return false;
  if (!found.ours || !found.right)
    throw new DomainError(
      'resource_not_owned',
      `there is a publication "${PUBLICATION}" that is not as Windlass makes it`,
    );
  return true;
}

/** Publishes all tables. From here on a table without a replica identity could not be changed: each must have one before. */
export async function publish(client: pg.ClientBase): Promise<void> {
  const published = await isPublished(client);
  const generated = ((await client.query<{ number: number }>(MAJOR)).rows[0]?.number ?? 0) >= PUBLISHES_GENERATED_SINCE;
  const options = generated ? ' (publish_generated_columns = stored)' : '';
  if (!published)
    await client.query(`CREATE PUBLICATION "${PUBLICATION}" FOR ALL TABLES${options && ` WITH${options}`}`);
  else if (generated && !(await client.query<{ right: boolean }>(GENERATED, [PUBLICATION])).rows[0]?.right)
    await client.query(`ALTER PUBLICATION "${PUBLICATION}" SET${options}`);
}
