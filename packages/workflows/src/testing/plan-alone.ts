import { isCancellation } from '@temporalio/workflow';
import { applyPlan, type ApplyPlanInput } from '../apply-plan.ts';

/** Walks a plan with nothing around it, and says as what it ended. */
export async function planAlone(input: ApplyPlanInput): Promise<'done' | 'canceled' | 'failed'> {
  try {
    await applyPlan(input);
    return 'done';
  } catch (err) {
    return isCancellation(err) ? 'canceled' : 'failed';
  }
}
