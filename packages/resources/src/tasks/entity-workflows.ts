import type { EntityRef } from '../engine/entity-ref.ts';
import type { Finding, Step } from '../engine/plan-types.ts';

/** Workflows that there are for entities of every kind. */
export interface EntityWorkflowInputs {
  readonly planEntity: { readonly entity: EntityRef; readonly proposalId: string };
  readonly inspectEntity: { readonly entity: EntityRef };
}

/** What they answer. */
export interface EntityWorkflowAnswers {
  readonly planEntity: { readonly steps: readonly Step[]; readonly sentences: readonly string[] };
  readonly inspectEntity: { readonly findings: readonly Finding[] };
}
