import type { DatabaseSpec } from './database.ts';
import { effectiveNode } from './effective.ts';
import type { Issue } from '../../api/issues.ts';
import type { Invalid } from './validate.ts';

/** A registered host and the Postgres versions it has images for, such as `17.6`. */
export interface HostVersions {
  readonly id: string;
  readonly postgresVersions: readonly string[];
}

/** The major version a new database gets where the hosts have it. */
export const DEFAULT_MAJOR = 17;
/** The major version of Spock whose names, signatures and columns the schema `spock` of a database of several nodes has; another one no host has. */
export const SPOCK_INTERFACE = '5';
const PREFIX = 'failed to validate database spec: ';
const problem = (text: string): Issue => ({ path: [], message: `${PREFIX}${text}` });

/** Below zero when `a` is the older version. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}

function commonVersions(hosts: readonly HostVersions[]): string[] {
  const [first, ...others] = hosts;
  const common = (first?.postgresVersions ?? []).filter((version) =>
    others.every((host) => host.postgresVersions.includes(version)),
  );
  return [...new Set(common)].sort((a, b) => compareVersions(b, a));
}

function supportIssues(spec: DatabaseSpec, hosts: ReadonlyMap<string, HostVersions>): Issue[] {
  const uses = spec.nodes.flatMap((node) => {
    const version = effectiveNode(spec, node.name).postgresVersion ?? '';
    const overridden = effectiveNode(spec, node.name).orchestratorOpts?.swarm?.image;
    return overridden ? [] : node.host_ids.map((host) => ({ host, version }));
  });
  const spock = spec.spock_version ?? SPOCK_INTERFACE;
  const isOffered = ({ host, version }: (typeof uses)[number]): boolean =>
    spock === SPOCK_INTERFACE && hosts.get(host)?.postgresVersions.includes(version) === true;
  const missing = uses.filter((use) => !isOffered(use));
  const texts = missing.map(
    ({ host, version }) => `host ${host} does not support version combination: postgres=${version}, spock=${spock}`,
  );
  return [...new Set(texts)].map(problem);
}

/** The spec with its version filled in, or why the given hosts cannot run it. */
export function applyDefaults(
  spec: DatabaseSpec,
  registered: readonly HostVersions[],
): { readonly spec: DatabaseSpec } | Invalid {
  const known = new Map(registered.map((host) => [host.id, host]));
  const used = [...new Set([...spec.nodes, ...(spec.services ?? [])].flatMap((one) => one.host_ids))].sort();
  const unknown = used.filter((id) => !known.has(id));
  if (unknown.length > 0) return { issues: [problem(`got invalid host ids: ${unknown.join(', ')}`)] };
  const common = commonVersions(used.flatMap((id) => known.get(id) ?? []));
  const version = spec.postgres_version ?? common.find((one) => one.startsWith(`${DEFAULT_MAJOR}.`)) ?? common[0];
  if (version === undefined)
    return {
      issues: [problem(`unable to find greatest common default version among specified hosts: ${used.join(', ')}`)],
    };
  const filled = { ...spec, postgres_version: version };
  const issues = supportIssues(filled, known);
  return issues.length > 0 ? { issues } : { spec: filled };
}
