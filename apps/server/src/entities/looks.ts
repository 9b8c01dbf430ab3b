import { randomUUID } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import {
  entityKey,
  partOf,
  planSentences,
  refKey,
  type EntityRef,
  type Plan,
  type Step,
} from '@windlass/resources/plan';
import { planRecords, resourceRecords } from '@windlass/resources/records';
import type { AnsweringWorkflow } from '@windlass/resources/tasks';
import type { ServerDeps, WorkflowStart } from '../core/deps.ts';
import { runAttributes } from '../core/run-attributes.ts';
import type { ApiPlan, ApiResourceView } from './plan-shapes.ts';

const LIMIT_MS = 15_000;

/** The workflow that looks, and where its run is named, found or told otherwise than those of other kinds. */
type Look<W extends AnsweringWorkflow> = Pick<WorkflowStart<W>, 'type' | 'input' | 'attributes'> & {
  readonly name?: string;
};

/** What a proposed spec would do. Nothing is changed. */
export async function planOf(
  deps: ServerDeps,
  entity: EntityRef,
  proposalId: string,
  look: Look<'planEntity' | 'planDatabase'> = { type: 'planEntity', input: { entity, proposalId } },
): Promise<ApiPlan> {
  return toApiPlan(await deps.temporal.execute(toStart(entity, 'plan', proposalId, look), LIMIT_MS));
}

/** Every resource as stored, and what a look at the world just found. */
export async function resourceViews(
  deps: ServerDeps,
  entity: EntityRef,
  look: Look<'inspectEntity' | 'inspectDatabase'> = { type: 'inspectEntity', input: { entity } },
): Promise<ApiResourceView[]> {
  const { findings } = await deps.temporal.execute(toStart(entity, 'inspect', randomUUID(), look), LIMIT_MS);
  const found = new Map(findings.map((f) => [refKey(f.ref) as string, f]));
  const records = await resourceRecords.list(deps.kv, [partOf(entity)]);
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

/** The plan a task of an entity follows. */
export async function taskPlan({ kv }: Pick<ServerDeps, 'kv'>, entity: EntityRef, taskId: string): Promise<ApiPlan> {
  const found = await planRecords.get(kv, partOf(entity), taskId);
  if (found) return toApiPlan(found.value);
  throw new DomainError(
    'not_found',
    `no plan found for the given task: it has not been planned yet, or its ${entity.kind} is gone`,
  );
}

function toStart<W extends AnsweringWorkflow>(
  entity: EntityRef,
  verb: 'plan' | 'inspect',
  run: string,
  { name = entityKey(entity), attributes, ...call }: Look<W>,
): WorkflowStart<W> {
  return {
    ...call,
    id: `${verb}/${name}/${run}`,
    summary: `${verb} ${entity.kind} ${entity.id}`,
    attributes: { ...attributes, ...runAttributes(entity, verb) },
  };
}

function toApiPlan(plan: Plan & { readonly sentences?: readonly string[] }): ApiPlan {
  const sentences = [...(plan.sentences ?? planSentences(plan))];
  const steps = plan.steps.map((s: Step) => ({
    action: s.action,
    resource: refKey(s.ref),
    reason: s.reason,
    fields: [...s.fields],
  }));
  return { steps, sentences, text: sentences.join('\n') };
}
