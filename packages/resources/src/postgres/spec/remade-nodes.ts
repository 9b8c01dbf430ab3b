import { DomainError } from '../../errors/index.ts';
import type { DatabaseSpec, StoredSpec } from './database.ts';
import { numberNodes } from './node-numbers.ts';
import { nodeSources } from './node-sources.ts';

/** The names of all nodes but these. */
export const otherNodes = ({ nodes }: Pick<DatabaseSpec, 'nodes'>, names: readonly string[]): string[] =>
  nodes.map(({ name }) => name).filter((name) => !names.includes(name));

const without = (spec: DatabaseSpec, names: readonly string[]): DatabaseSpec => ({
  ...spec,
  nodes: spec.nodes.filter(({ name }) => !names.includes(name)),
});

/** What of it is to be there now: all nodes but those that are being removed. Throws `invalid_input` where none would be left: then all data would go. */
export function presentNow({ remaking, ...stored }: StoredSpec): StoredSpec {
  if (!remaking) return stored;
  const spec = without(stored.spec, remaking);
  if (spec.nodes.length > 0) return { ...stored, spec };
  throw new DomainError('invalid_input', `nodes: no node is left of which ${remaking.join(', ')} could be made anew`);
}

/** The nodes are being removed, to be made anew. */
export const remakingNodes = (stored: StoredSpec, names: readonly string[]): StoredSpec => ({
  ...stored,
  remaking: [...new Set([...(stored.remaking ?? []), ...names])].sort(),
});

/** Those that were being removed are gone, and come back under their names: as other nodes, which are copies of those that stayed. */
export function remadeNodes(stored: StoredSpec): StoredSpec {
  const { remaking: names = [], ...made } = stored;
  const { spec } = made;
  const rest = without(spec, names);
  const stays = (name: string): boolean => rest.nodes.some((node) => node.name === name);
  // A copy of a node that is made anew as well is one of another node.
  const nodes = spec.nodes.map(({ source_node: source, ...node }) =>
    source !== undefined && stays(source) ? { ...node, source_node: source } : node,
  );
  const sources = nodeSources({ ...spec, nodes }, { spec: rest, nodeSources: nodeSources(rest, made) });
  const numbers = numberNodes(spec, numberNodes(rest, made.nodeNumbers));
  return {
    ...made,
    ...(numbers && { nodeNumbers: numbers }),
    ...(Object.keys(sources).length > 0 && { nodeSources: sources }),
  };
}
