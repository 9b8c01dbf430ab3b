import type { DatabaseSpec } from './database.ts';
import { parseHbaLine } from './hba-line.ts';
import type { Issue } from '../../api/issues.ts';

/** Authentication methods that came with a later major version than the oldest we carry. */
const SINCE: Readonly<Record<string, number>> = { oauth: 18 };

/** Rules of pg_hba.conf that the Postgres of a node does not know. The spec must be valid, and have its versions filled in. */
export function versionRules(spec: DatabaseSpec): Issue[] {
  const issues = spec.nodes.flatMap((node, i) => {
    const major = Number.parseInt(node.postgres_version ?? spec.postgres_version ?? '', 10);
    return [
      ...linesBefore(node.pg_hba_conf ?? [], major, ['nodes', i, 'pg_hba_conf']),
      ...linesBefore(spec.pg_hba_conf ?? [], major, ['pg_hba_conf']),
    ];
  });
  return [...new Map(issues.map((issue) => [JSON.stringify(issue.path), issue])).values()];
}

function linesBefore(lines: readonly string[], major: number, path: readonly PropertyKey[]): Issue[] {
  return lines.flatMap((line, i) => {
    const method = parseHbaLine(line)?.method ?? '';
    const since = Object.hasOwn(SINCE, method) ? (SINCE[method] ?? 0) : 0;
    const message = `auth method "${method}" needs Postgres ${String(since)} or later`;
    return major < since ? [{ path: [...path, i], message }] : [];
  });
}
