import type { EntityRef } from '../engine/entity-ref.ts';
import type { Finding, Step } from '../engine/plan-types.ts';
import type { HostWorkflowInputs } from '../platform/records/workflow-inputs.ts';
import type { DatabaseWorkflowAnswers, DatabaseWorkflowInputs } from '../postgres/records/workflow-inputs.ts';

/** Workflows that there are for entities of every kind. */
interface EntityWorkflowInputs {
  readonly planEntity: { readonly entity: EntityRef; readonly proposalId: string };
  readonly inspectEntity: { readonly entity: EntityRef };
}

interface EntityWorkflowAnswers {
  readonly planEntity: { readonly steps: readonly Step[]; readonly sentences: readonly string[] };
  readonly inspectEntity: { readonly findings: readonly Finding[] };
}

/**
 * Every workflow by its name, and what it takes: a line for each kind of entity. Histories hold these inputs: a field that was
 * ever there keeps its meaning.
 */
export interface WorkflowInputs extends EntityWorkflowInputs, DatabaseWorkflowInputs, HostWorkflowInputs {}
export type WorkflowName = keyof WorkflowInputs;

/** What a workflow answers that somebody waits for. */
export interface WorkflowAnswers extends EntityWorkflowAnswers, DatabaseWorkflowAnswers {}
export type AnsweringWorkflow = keyof WorkflowAnswers;

/** A workflow and what it is given. */
export type WorkflowCall<W extends WorkflowName = WorkflowName> = {
  readonly [K in W]: { readonly type: K; readonly input: WorkflowInputs[K] };
}[W];

/** Every workflow as it is exported where they are written: under these names, with these inputs. */
export type Workflows = {
  readonly [W in WorkflowName]: (
    input: WorkflowInputs[W],
  ) => Promise<W extends AnsweringWorkflow ? WorkflowAnswers[W] : void>;
};
