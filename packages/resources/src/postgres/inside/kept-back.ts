import type { PostgresSession } from '../clients/ports.ts';
import { SYSTEM_SUPERUSER } from './system-names.ts';

/** What does not go to whoever inherits, and how that is told. */
export interface Kept {
  readonly statements: readonly string[];
  readonly told: string;
}
interface Found {
  readonly sort: 'event trigger' | 'function' | 'foreign-data wrapper' | 'language' | 'subscription';
  /** Quoted by Postgres, with its schema and arguments where it has them. */
  readonly name: string;
  readonly definer: boolean;
}

/**
 * What roles own in this database that gives the rights of a superuser or of the operating system to its owner: it goes to the
 * control plane's superuser instead, and does nothing with its rights that somebody else wrote.
 */
export async function keptBack(session: PostgresSession, names: readonly string[]): Promise<Kept[]> {
  const found = await session.query<Found>(KEPT_BACK, [names]);
  return found.map((one) => {
    const alter = `ALTER ${one.sort === 'function' ? 'ROUTINE' : one.sort.replace('foreign-data', 'FOREIGN DATA')} ${one.name}`;
    const own = `${alter} OWNER TO ${session.identifier(SYSTEM_SUPERUSER)}`;
    // Nothing of somebody who was removed goes on with our rights.
    if (one.sort === 'subscription')
      return { statements: [`${alter} DISABLE`, own], told: `subscription ${one.name}, which was disabled,` };
    if (one.definer)
      return { statements: [`${alter} SECURITY INVOKER`, own], told: `function ${one.name}, now SECURITY INVOKER,` };
    return { statements: [own], told: `${one.sort} ${one.name}` };
  });
}

/** Event triggers and what they call, wrappers, languages, subscriptions, and functions that may do anything. */
const KEPT_BACK = `
WITH gone AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) ANY($1::pg_catalog.name[]))
SELECT 'event trigger' AS sort, pg_catalog.quote_ident(evtname) AS name, false AS definer
  FROM pg_catalog.pg_event_trigger WHERE evtowner IN (SELECT oid FROM gone)
UNION ALL
SELECT 'function', pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)), p.prosecdef
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
  JOIN pg_catalog.pg_language l ON l.oid OPERATOR(pg_catalog.=) p.prolang
 WHERE p.proowner IN (SELECT oid FROM gone) AND p.prokind OPERATOR(pg_catalog.<>) 'a'
   AND (NOT l.lanpltrusted AND l.lanname OPERATOR(pg_catalog.<>) 'sql' OR p.oid IN (SELECT evtfoid FROM pg_catalog.pg_event_trigger))
UNION ALL
SELECT 'foreign-data wrapper', pg_catalog.quote_ident(fdwname), false
  FROM pg_catalog.pg_foreign_data_wrapper WHERE fdwowner IN (SELECT oid FROM gone)
UNION ALL
SELECT 'language', pg_catalog.quote_ident(lanname), false
  FROM pg_catalog.pg_language WHERE lanowner IN (SELECT oid FROM gone) AND NOT lanpltrusted
UNION ALL
SELECT 'subscription', pg_catalog.quote_ident(s.subname), false
  FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) s.subdbid
 WHERE s.subowner IN (SELECT oid FROM gone) AND d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()`;
