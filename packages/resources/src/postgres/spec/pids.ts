import type { Issue } from '../../api/issues.ts';
import type { DatabaseSpec } from './database.ts';

/** Most processes and threads of a container whose spec does not say. */
export const DEFAULT_PIDS = 4096;
/** Those of Postgres, Patroni and pgBackRest besides one for each connection; the least that a spec may ask for. */
export const OTHER_PIDS = 256;

type Settings = Readonly<Record<string, unknown>>;

/** A whole number, or 0 where it is not said or refused elsewhere. */
function connections(settings: Settings): number {
  const [, value] = Object.entries(settings).find(([name]) => name.toLowerCase() === 'max_connections') ?? [];
  return /^\d{1,9}$/.test(String(value)) ? Number(value) : 0;
}

/** In powers of two: few changes of `max_connections` make another container. */
export function pidsFor(settings: Settings): number {
  const needed = connections(settings) + OTHER_PIDS;
  return needed <= DEFAULT_PIDS ? DEFAULT_PIDS : 2 ** Math.ceil(Math.log2(needed));
}

/** A limit of a container that its `max_connections` would reach. */
export function pidsRules(spec: DatabaseSpec): Issue[] {
  const issues = spec.nodes.flatMap((node, i) => {
    const limit = (node.orchestrator_opts ?? spec.orchestrator_opts)?.swarm?.security?.pids_limit;
    const needed = (connections(node.postgresql_conf ?? {}) || connections(spec.postgresql_conf ?? {})) + OTHER_PIDS;
    if (limit === undefined || limit >= needed) return [];
    const at = node.orchestrator_opts ? ['nodes', i, 'orchestrator_opts'] : ['orchestrator_opts'];
    const message = `must be at least ${String(needed)}: max_connections, and ${String(OTHER_PIDS)} for everything else`;
    return [{ path: [...at, 'swarm', 'security', 'pids_limit'], message }];
  });
  return [...new Map(issues.map((issue) => [JSON.stringify(issue.path), issue])).values()];
}
