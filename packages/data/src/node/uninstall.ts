import type pg from 'pg';
import { identifier, literal, nodeOfName, OWN_SCHEMA, PUBLICATION } from '../sql/index.ts';
import { forgetNode } from './forget-node.ts';

const NODES = `SELECT DISTINCT number FROM (
    SELECT ${nodeOfName('slot_name')} AS number FROM pg_catalog.pg_replication_slots
    WHERE database = pg_catalog.current_database() UNION SELECT ${nodeOfName('roname')} FROM pg_catalog.pg_replication_origin) n
  WHERE number IS NOT NULL`;

/** Objects of these schemas; what hangs on one of them by itself or as a part of another one is in these, too. */
const OURS = `SELECT 'pg_proc'::regclass AS class, oid FROM pg_catalog.pg_proc WHERE pronamespace = ANY ($1::oid[])
  UNION ALL SELECT 'pg_class'::regclass, oid FROM pg_catalog.pg_class WHERE relnamespace = ANY ($1::oid[])
  UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_catalog.pg_type WHERE typnamespace = ANY ($1::oid[])
  UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_catalog.pg_constraint WHERE connamespace = ANY ($1::oid[])
  UNION ALL SELECT 'pg_rewrite'::regclass, r.oid FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
    WHERE c.relnamespace = ANY ($1::oid[])
  UNION ALL SELECT 'pg_attrdef'::regclass, a.oid FROM pg_catalog.pg_attrdef a JOIN pg_catalog.pg_class c ON c.oid = a.adrelid
    WHERE c.relnamespace = ANY ($1::oid[])`;
/** What is not in the schema, and hangs on something in it. */
const USED = `WITH ours AS (${OURS})
  SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS what FROM pg_catalog.pg_depend d
  JOIN ours o ON d.refclassid = o.class AND d.refobjid = o.oid
  WHERE d.deptype = 'n' AND NOT EXISTS (SELECT FROM ours i WHERE i.class = d.classid AND i.oid = d.objid) ORDER BY 1`;

const EVENT_TRIGGERS = `DO $$ DECLARE one name; BEGIN
  FOR one IN SELECT e.evtname FROM pg_catalog.pg_event_trigger e JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid
    WHERE p.pronamespace = ${literal(OWN_SCHEMA)}::regnamespace LOOP
    EXECUTE pg_catalog.format('DROP EVENT TRIGGER %I', one);
  END LOOP;
END $$`;
const UNWATCH = `DO $$ DECLARE one oid; BEGIN
  FOR one IN SELECT relation FROM windlass.watched LOOP PERFORM windlass.unwatch(one); END LOOP;
END $$`;
/** Ours, that of the functions which run with the rights of owners, and the one for scripts that know Spock, unless somebody else made that. */
const SCHEMAS = `SELECT n.oid::text, n.nspname AS name FROM pg_catalog.pg_namespace n
  WHERE n.nspname IN ($1, 'windlass_code') OR n.oid IN (SELECT s.spock FROM windlass.setting s)`;
/** Where another database of the server is a node, too, its roles stay. */
const ROLES = `DO $$ DECLARE one name; BEGIN
  FOR one IN SELECT r.rolname FROM pg_catalog.pg_roles r WHERE r.rolname IN ('windlass_writer', 'windlass_helper', 'windlass_replicator') LOOP
    BEGIN
      EXECUTE pg_catalog.format('DROP OWNED BY %I', one);
      EXECUTE pg_catalog.format('DROP ROLE %I', one);
    EXCEPTION WHEN dependent_objects_still_exist THEN NULL;
    END;
  END LOOP;
END $$`;
/**
 * What a node remembers of its peers, and of what was deleted, goes: whoever installs again begins without it. What stays is what functions that users call
 * need (which node gave an id), what is set, and what was recorded for people.
 */
const FORGET = `DO $$ BEGIN
  EXECUTE (SELECT 'TRUNCATE ' || pg_catalog.string_agg(c.oid::regclass::text, ', ') FROM pg_catalog.pg_class c
    WHERE c.relnamespace = ${literal(OWN_SCHEMA)}::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('local', 'setting', 'id_lock', 'conflict'));
END $$`;
const THERE = `SELECT to_regclass('windlass.setting') IS NOT NULL AS there`;

/** What stays, as Postgres describes it, because something of a user hangs on the schema; empty: nothing is left. */
export interface Uninstalled {
  readonly usedBy: readonly string[];
}

/**
 * Makes a plain database of that of a node: no slot, no origin, no publication, no trigger, no schema, no role of ours. Where a user's object hangs on a
 * function of the schema (a default that calls `windlass.next_id()`), the schema stays, and does nothing by itself any more. By a superuser,
 * outside of a transaction, when no replicator runs for this node; absence is success.
 */
export async function uninstallNode(client: pg.ClientBase): Promise<Uninstalled> {
  const { rows: nodes } = await client.query<{ number: number }>(NODES);
  for (const { number } of nodes) await forgetNode(client, number);
  await client.query(`DROP PUBLICATION IF EXISTS "${PUBLICATION}"`);
  const isThere = (await client.query<{ there: boolean }>(THERE)).rows[0]?.there ?? false;
  const usedBy = isThere ? await dropInside(client) : [];
  if (usedBy.length === 0) await client.query(ROLES);
  return { usedBy };
}

/** Schemas go at once, in one statement. Says what hangs on them; then they stay. */
async function dropInside(client: pg.ClientBase): Promise<string[]> {
  await client.query(EVENT_TRIGGERS);
  await client.query(UNWATCH);
  const { rows: schemas } = await client.query<{ oid: string; name: string }>(SCHEMAS, [OWN_SCHEMA]);
  const { rows: users } = await client.query<{ what: string }>(USED, [schemas.map(({ oid }) => oid)]);
  if (users.length === 0)
    await client.query(`DROP SCHEMA ${schemas.map(({ name }) => identifier(name)).join(', ')} CASCADE`);
  else await client.query(FORGET); // the next installation makes everything anew
  return users.map(({ what }) => what);
}
