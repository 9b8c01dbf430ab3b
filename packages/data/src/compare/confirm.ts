import type { NodeValue } from './report.ts';

/** What all nodes have of one thing. */
type Seen = readonly NodeValue[];

export interface Confirmed<T> {
  readonly differing: readonly { readonly what: T; readonly seen: Seen }[];
  /** Changed each time they were looked at. */
  readonly unsettled: number;
}

export interface Looks<T> {
  readonly look: (things: readonly T[]) => Promise<readonly Seen[]>;
  /** Resolves when what was committed on any node before is applied on all. */
  readonly marker: () => Promise<void>;
  readonly differs: (seen: Seen) => boolean;
  readonly rounds: number;
}

/**
 * Tells what differs from what is on its way. Everything is looked at twice with a marker between: what one node had the first time, all
 * have the second time, or something newer. So what no node has changed, and still is not the same, will stay so.
 */
export async function confirm<T>(
  things: readonly T[],
  { look, marker, differs, rounds }: Looks<T>,
): Promise<Confirmed<T>> {
  const differing: { what: T; seen: Seen }[] = [];
  let open = await lookAt(things, look, differs);
  for (let round = 0; round < rounds && open.length > 0; round += 1) {
    await marker();
    const again = await lookAt(
      open.map(({ what }) => what),
      look,
      differs,
    );
    const before = new Map(open.map(({ what, seen }) => [what, JSON.stringify(seen)]));
    differing.push(...again.filter(({ what, seen }) => before.get(what) === JSON.stringify(seen)));
    open = again.filter(({ what, seen }) => before.get(what) !== JSON.stringify(seen));
  }
  return { differing, unsettled: open.length };
}

async function lookAt<T>(things: readonly T[], look: Looks<T>['look'], differs: Looks<T>['differs']) {
  const all = await look(things);
  return things.flatMap((what, i) => {
    const seen = all[i];
    return seen && differs(seen) ? [{ what, seen }] : [];
  });
}
