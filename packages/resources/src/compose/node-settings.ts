import { hbaLines, identLines } from './host-based-access.ts';
import type { Instance } from './instances.ts';
import { parametersOf } from './parameters.ts';

/** What all members of a node share: Patroni keeps it in etcd, every running Postgres must have it in effect. */
export interface NodeSettings {
  readonly parameters: Record<string, string>;
  readonly pgHba: string[];
  readonly pgIdent: string[];
}

/** A node is tuned for the smallest of its hosts: any of them may become the primary. */
export function nodeSettings(members: readonly Instance[]): NodeSettings {
  const [first] = members;
  if (!first) return { parameters: {}, pgHba: [], pgIdent: [] };
  const { node } = first;
  const memoryBytes = Math.min(...members.map((m) => m.host.memoryBytes));
  return {
    parameters: parametersOf(node, memoryBytes),
    pgHba: hbaLines(node.pgHbaConf),
    pgIdent: identLines(node.pgIdentConf),
  };
}
