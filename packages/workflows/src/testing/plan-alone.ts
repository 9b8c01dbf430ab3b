import { isCancellation } from '@temporalio/workflow';
import { applyPlan, type ApplyPlanInput } from '../core/apply-plan.ts';
import { databaseTaskOf } from '../postgres/database-task.ts';

interface PlanAlone extends Pick<ApplyPlanInput, 'steps'> {
  readonly databaseId: string;
  readonly taskId: string;
}

/** Walks a plan with nothing around it, and says as what it ended. */
export async function planAlone({ databaseId, taskId, steps }: PlanAlone): Promise<'done' | 'canceled' | 'failed'> {
  try {
    await applyPlan({ task: databaseTaskOf(databaseId, taskId), steps });
    return 'done';
  } catch (err) {
    return isCancellation(err) ? 'canceled' : 'failed';
  }
}
