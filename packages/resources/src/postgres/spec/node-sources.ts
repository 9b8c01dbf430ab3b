import { restoreConfigOf } from './seal-origins.ts';
import type { DatabaseSpec } from './database.ts';
import type { Issue } from '../../api/issues.ts';

/** How a node begins that is a copy of another one. */
export interface NodeSource {
  /** Name of the node it is a copy of. */
  readonly source: string;
  /**
   * Names of the nodes that were there when it was declared, that one too. Of a new database only that one: nothing has been written to the others
   * that it could have or lack.
   */
  readonly there: readonly string[];
}
/** By the name of the node; the others began by themselves, or with a backup. */
export type NodeSources = Readonly<Record<string, NodeSource>>;

type Before = { readonly spec: DatabaseSpec; readonly nodeSources?: NodeSources | undefined };

/**
 * Which nodes begin as a copy of which: those that come to others, and of a new database those that name a `source_node`, or all but the first
 * where the first begins with a backup or runs scripts: what these make would be another thing on each node.
 */
export function nodeSources(spec: DatabaseSpec, before?: Before): NodeSources {
  const beginners = before ? before.spec.nodes.map(({ name }) => name) : beginnersOf(spec);
  const there = spec.nodes.map(({ name }) => name).filter((name) => beginners.includes(name));
  return Object.fromEntries(
    spec.nodes.flatMap(({ name, source_node: declared }) => {
      const known = before?.nodeSources?.[name];
      if (beginners.includes(name)) return known ? [[name, stillThere(known, spec)]] : [];
      const source = declared ?? there[0] ?? name;
      return [[name, { source, there: !before && there.includes(source) ? [source] : there }]];
    }),
  );
}

/** Where the node is gone that it was to be a copy of, another one is. Who goes and comes back under its name was not there before. */
function stillThere({ source, there: before }: NodeSource, { nodes }: DatabaseSpec): NodeSource {
  const there = before.filter((name) => nodes.some((node) => node.name === name));
  return { source: there.includes(source) ? source : (there[0] ?? source), there };
}

/** Of a new database: the nodes that are there before any is copied. */
function beginnersOf(spec: DatabaseSpec): string[] {
  const [first] = spec.nodes;
  const { post_init: init = [], post_database_create: last = [] } = spec.scripts ?? {};
  const isOnlyFirst = init.length + last.length > 0 || (first && restoreConfigOf(spec, first.name) !== undefined);
  const own = spec.nodes.filter((node) => node.source_node === undefined);
  return own.slice(0, isOnlyFirst ? 1 : undefined).map(({ name }) => name);
}

/** What of a node that is to be a copy cannot be. */
export function sourceIssues(spec: DatabaseSpec, sources: NodeSources): Issue[] {
  return spec.nodes.flatMap((node, i) => {
    const found = sources[node.name];
    if (!found) return [];
    const at = (field: string, message: string): Issue => ({ path: ['nodes', i, field], message });
    const [own, its] = [node.name, found.source].map((name) => majorOf(spec, name));
    return [
      ...(found.there.includes(found.source) ? [] : [at('source_node', `must be a node that is there before: ${found.there.join(', ')}`)]),
      ...(node.restore_config ? [at('restore_config', `this node begins as a copy of '${found.source}'; only the first node can begin with a backup`)] : []),
      ...(own === its ? [] : [at('postgres_version', `must be of major version ${its ?? ''} like '${found.source}', of which it is a copy`)]),
    ];
  }); // prettier-ignore
}

function majorOf(spec: DatabaseSpec, name: string): string | undefined {
  const version = spec.nodes.find((node) => node.name === name)?.postgres_version ?? spec.postgres_version;
  return version?.split('.')[0];
}
