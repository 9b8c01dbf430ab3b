import type { DatabaseSpec } from './database.ts';

/** The numbers of the nodes of a database with several. Rows know by them who wrote them. */
export interface NodeNumbers {
  /** By the name of the node. */
  readonly current: Readonly<Record<string, number>>;
  /** Every number that was ever given, the one given last at the end. */
  readonly given: readonly number[];
}

/** Identities of tables step by one more than this. */
export const MOST_NUMBERS = 15;

const NONE: NodeNumbers = { current: {}, given: [] };

/**
 * A node keeps its number for as long as it is declared; one that comes back under its name is another node. A number is given again
 * only when all have been, the one whose node has been gone for longest first. Undefined for a database that never had several nodes.
 */
export function numberNodes(spec: DatabaseSpec, before?: NodeNumbers): NodeNumbers | undefined {
  if (spec.nodes.length < 2 && before === undefined) return undefined;
  return spec.nodes.reduce((numbers, { name }) => withNumber(numbers, name, before), {
    ...NONE,
    given: before?.given ?? [],
  });
}

function withNumber({ current, given }: NodeNumbers, name: string, before: NodeNumbers = NONE): NodeNumbers {
  const known = Object.hasOwn(before.current, name) ? before.current[name] : undefined;
  if (known !== undefined) return { current: { ...current, [name]: known }, given };
  const next = freeNumber(given, [...Object.values(before.current), ...Object.values(current)]);
  return { current: { ...current, [name]: next }, given: [...given.filter((one) => one !== next), next] };
}

function freeNumber(given: readonly number[], taken: readonly number[]): number {
  const all = Array.from({ length: MOST_NUMBERS }, (_, i) => i + 1);
  const free = all.find((one) => !given.includes(one)) ?? given.find((one) => !taken.includes(one));
  if (free === undefined) throw new Error('unreachable: a database has nine nodes at most');
  return free;
}
