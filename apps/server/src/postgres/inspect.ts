import { randomUUID } from 'node:crypto';
import { databaseEntity } from '@windlass/resources/entity';
import { partOf, planSentences, refKey, type Plan, type Step } from '@windlass/resources/plan';
import { planRecords, resourceRecords } from '@windlass/resources/records';
import { effectiveNode, type ApiPlan, type ApiResourceView, type StoredSpec } from '@windlass/resources/postgres/spec';
import { DomainError } from '@windlass/resources/errors';
import type { ServerDeps } from '../core/deps.ts';
import { runsOf } from './backup-status.ts';
import { propose } from './check-placement.ts';

const LIMIT_MS = 15_000;

export function toApiPlan(plan: Plan & { readonly sentences?: readonly string[] }): ApiPlan {
  const sentences = [...(plan.sentences ?? planSentences(plan))];
  const steps = plan.steps.map((s: Step) => ({
    action: s.action,
    resource: refKey(s.ref),
    reason: s.reason,
    fields: [...s.fields],
  }));
  return { steps, sentences, text: sentences.join('\n') };
}

/** What an update to this spec would do. Nothing is changed; the spec is kept for a minute, without passwords. */
export async function planFor(deps: ServerDeps, databaseId: string, stored: StoredSpec): Promise<ApiPlan> {
  const proposalId = await propose(deps, stored);
  const plan = await deps.temporal.execute(
    {
      type: 'planDatabase',
      id: `plan/${databaseId}/${proposalId}`,
      input: { databaseId, proposalId },
      summary: `plan database ${databaseId}`,
      attributes: { WindlassDatabaseId: databaseId, WindlassTaskType: 'plan' },
    },
    LIMIT_MS,
  );
  return withSchedules(toApiPlan(plan), stored, deps.now());
}

/** Says with the plan when backups will be taken. */
function withSchedules(plan: ApiPlan, { spec }: StoredSpec, now: Date): ApiPlan {
  const schedules = spec.nodes.flatMap(({ name }) =>
    (effectiveNode(spec, name).backups?.config.schedules ?? []).map((one) => ({
      node_name: name,
      id: one.id,
      type: one.type,
      next_runs: runsOf(one.cron_expression, now),
    })),
  );
  if (schedules.length === 0) return plan;
  const sentences = [
    ...plan.sentences,
    ...schedules.map((s) => `schedule '${s.id}' of node ${s.node_name} runs next at ${s.next_runs.join(', ')}`),
  ];
  return { ...plan, schedules, sentences, text: sentences.join('\n') };
}

export async function taskPlan({ kv }: ServerDeps, databaseId: string, taskId: string): Promise<ApiPlan> {
  const found = await planRecords.get(kv, partOf(databaseEntity(databaseId)), taskId);
  if (!found)
    throw new DomainError(
      'not_found',
      'no plan found for the given task: it has not been planned yet, or its database is gone',
    );
  return toApiPlan(found.value);
}

/** Every resource as stored, and what a look at the world just found. */
export async function resourceViews(deps: ServerDeps, databaseId: string): Promise<ApiResourceView[]> {
  const { findings } = await deps.temporal.execute(
    {
      type: 'inspectDatabase',
      id: `inspect/${databaseId}/${randomUUID()}`,
      input: { databaseId },
      summary: `inspect database ${databaseId}`,
      attributes: { WindlassDatabaseId: databaseId, WindlassTaskType: 'inspect' },
    },
    LIMIT_MS,
  );
  const found = new Map(findings.map((f) => [refKey(f.ref) as string, f]));
  const records = await resourceRecords.list(deps.kv, [partOf(databaseEntity(databaseId))]);
  return records.map(({ value: record }) => {
    const finding = found.get(refKey(record.ref));
    const error = finding?.unreachable ?? record.error;
    return {
      resource: refKey(record.ref),
      spec: record.spec,
      ...(record.status !== undefined && { status: record.status }),
      phase: record.phase,
      missing: finding?.missing ?? false,
      drift: [...(finding?.drift ?? [])],
      ...(error !== undefined && { error }),
    };
  });
}
