import type { HostWorkflowInputs } from '../platform/records/workflow-inputs.ts';
import type { DatabaseWorkflowAnswers, DatabaseWorkflowInputs } from '../postgres/records/workflow-inputs.ts';
import type { EntityWorkflowAnswers, EntityWorkflowInputs } from './entity-workflows.ts';

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
