import { planSentences, type EntityRef, type Finding, type Step } from '@windlass/resources/engine';
import type { ActivityDeps } from './deps.ts';
import { makePlan } from './make-plan.ts';
import { divideSteps, laterSentence } from './place-steps.ts';

export interface PlanProposalInput {
  readonly entity: EntityRef;
  readonly proposalId: string;
  readonly findings: readonly Finding[];
  readonly unreachable: readonly string[];
}

/** A plan for a spec that was only proposed; nothing is stored, nothing changes. */
export function planProposal(deps: ActivityDeps) {
  return async function planProposal(
    input: PlanProposalInput,
  ): Promise<{ steps: readonly Step[]; sentences: string[] }> {
    const { entity, proposalId, findings: looked, unreachable } = input;
    const current = await deps.state.list(entity);
    const desired = await deps.work(entity.kind).desired(deps, entity, { declared: { proposalId }, current });
    const { result } = await makePlan(deps, { entity, desired, current, looked, unreachable });
    const { now, later } = await divideSteps(deps, entity, result.steps, unreachable);
    return { steps: now, sentences: [...planSentences({ ...result, steps: now }), ...later.map(laterSentence)] };
  };
}
