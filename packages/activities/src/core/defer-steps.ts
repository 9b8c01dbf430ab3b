import type { Alternatives, Executor, Step } from '@windlass/resources/plan';

export interface Divided {
  /** What can be done now; positions count within this list. */
  readonly now: readonly Step[];
  /** What has to wait for a host that does not answer. */
  readonly later: readonly Step[];
}

/**
 * Leaves out the steps of hosts that do not answer, so that nothing waits for them: the rest is done now. A delete that
 * another host can do as well goes there.
 */
export async function deferSteps(
  steps: readonly Step[],
  away: readonly string[],
  queueOf: (executor: Executor) => Promise<string>,
  deletableAt: (kind: string) => 'any' | 'manager' | undefined,
): Promise<Divided> {
  if (away.length === 0) return { now: steps, later: [] };
  const placed = await Promise.all(
    steps.map(async (step) => {
      if (!away.includes(await queueOf(step.executor))) return step;
      const on = step.action === 'delete' ? deletableAt(step.ref.kind) : undefined;
      return on && { ...step, executor: { on } };
    }),
  );
  const position = new Map<number, number>();
  placed.forEach((step, i) => step && position.set(i, position.size));
  return {
    now: placed.flatMap((step) => (step ? [moved(step, position)] : [])),
    later: steps.filter((_step, i) => placed[i] === undefined),
  };
}

function moved(step: Step, position: ReadonlyMap<number, number>): Step {
  const keep = (positions: readonly number[]): number[] =>
    positions.flatMap((i) => (position.has(i) ? [position.get(i) as number] : []));
  const groups = (step.afterAny ?? []).map((group: Alternatives) =>
    group.filter((set) => set.every((i) => position.has(i))).map(keep),
  );
  const { afterAny: _afterAny, ...rest } = step;
  const left = groups.filter((group) => group.length > 0);
  return { ...rest, after: keep(step.after), ...(left.length > 0 && { afterAny: left }) };
}
