import type { Check, Finding, Watched } from './check.ts';

/** A session in the database itself cannot be kept. */
const ENTER_EVERY_MS = 60_000;
const NAMED = 5;

interface Entered {
  readonly at: number;
  readonly findings: readonly Finding[];
}
interface Table {
  readonly name: string;
  readonly what: 'keyless' | 'unlogged';
}

/** Tables of a database with several nodes that replicate badly, or not at all. */
export function createReplicatedTables(now: () => number = Date.now): Check {
  const entered = new Map<string, Entered>();
  return {
    name: 'replicated-tables',
    roles: ['writable'],
    look: async (at) => {
      const { database } = at.declared;
      if (at.peerSlots.length === 0 || database === undefined) return [];
      const key = `${at.databaseId}/${at.instanceId}`;
      const last = entered.get(key);
      // What was found is looked for at every turn, so that the condition goes as soon as it is set right.
      if (last && last.findings.length === 0 && now() - last.at < ENTER_EVERY_MS) return last.findings;
      const findings = await lookIn(at, database);
      entered.set(key, { at: now(), findings });
      return findings;
    },
  };
}

export const replicatedTables = createReplicatedTables();

async function lookIn({ askIn, nodeName }: Watched, database: string): Promise<readonly Finding[]> {
  const tables = await askIn(database, (session) => session.query<Table>(TABLES));
  const called = (what: Table['what']): string[] => tables.filter((one) => one.what === what).map(({ name }) => name);
  const [keyless, unlogged] = [called('keyless'), called('unlogged')];
  return [
    ...(keyless.length === 0
      ? []
      : [finding('table_without_key', `${listed(keyless)}: no primary key at node '${nodeName}': add one`)]),
    ...(unlogged.length === 0
      ? []
      : [
          finding(
            'table_not_replicated',
            `${listed(unlogged)}: unlogged at node '${nodeName}', so its rows stay there: ALTER TABLE … SET LOGGED`,
          ),
        ]),
  ];
}

const finding = (type: Finding['type'], message: string): Finding => ({ type, message });

const listed = (names: readonly string[]): string =>
  names.length <= NAMED
    ? names.join(', ')
    : `${names.slice(0, NAMED).join(', ')} and ${String(names.length - NAMED)} more`;

const TABLES = `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
    CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'keyless' END AS what
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  WHERE c.relkind OPERATOR(pg_catalog.=) 'r' AND c.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid
    AND n.nspname OPERATOR(pg_catalog.<>) ALL (ARRAY['pg_catalog', 'information_schema', 'windlass', 'spock']::pg_catalog.name[])
    AND (c.relpersistence OPERATOR(pg_catalog.=) 'u' OR (c.relpersistence OPERATOR(pg_catalog.=) 'p' AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_index i WHERE i.indrelid OPERATOR(pg_catalog.=) c.oid AND i.indimmediate
        AND (i.indisprimary OR i.indisreplident))))
  ORDER BY 1`;
