import { DomainError } from '../../errors/index.ts';
import type { Instance, StoredDatabase } from './instances.ts';

const POSTGRES_PORT = 5432;

/** A node of a database with several. */
export interface ReplicatingNode {
  readonly name: string;
  readonly number: number;
  readonly instances: readonly Instance[];
}

/** The nodes that replicate, in the order of the spec; none where there is only one. */
export function replicatingNodes(instances: readonly Instance[], stored: StoredDatabase): ReplicatingNode[] {
  const names = [...new Set(instances.map(({ node }) => node.name))];
  if (names.length < 2) return [];
  return names.map((name) => ({
    name,
    number: numberOf(name, stored),
    instances: instances.filter(({ node }) => node.name === name),
  }));
}

function numberOf(name: string, { nodeNumbers }: StoredDatabase): number {
  const number = nodeNumbers?.current[name];
  if (number === undefined) throw new DomainError('server_error', `node '${name}' has no number`);
  return number;
}

/** `host:port` of an instance in the network of its database. */
export const addressOf = ({ serviceName }: Instance): string => `${serviceName}:${String(POSTGRES_PORT)}`;

/** Of a database that was made with several nodes: those that began by themselves, each of them empty. */
export const beganTogether = ({ spec, nodeSources = {} }: StoredDatabase): readonly string[] =>
  spec.nodes.map(({ name }) => name).filter((name) => !Object.hasOwn(nodeSources, name));
