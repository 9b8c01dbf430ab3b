export {
  entityKey,
  entityOfPart,
  isEntityRef,
  parseEntityKey,
  partOf,
  type EntityKey,
  type EntityPart,
  type EntityRef,
} from './entity-ref.ts';
export { planParts, planRecords, resourceRecords } from './records.ts';
export * from './resource.ts';
export * from './plan-types.ts';
export { plan } from './plan.ts';
export type { KindFacts, PlanInput } from './plan-input.ts';
export { changedFields } from './changed-fields.ts';
export { foreignStatuses } from './foreign-statuses.ts';
export { inputsHash } from './inputs-hash.ts';
export { planSentences, stepSentence, waitingSentence } from './sentences.ts';
export { heldBack } from './held-back.ts';
export { wholePlans } from './whole-plans.ts';
export { removeRecords, type Remover } from './remove-records.ts';
export { applyStep, type ApplyInput, type Applier, type Outcome, type Run, type StepHook } from './apply.ts';
export { observe, type Observation, type Observer } from './refresh.ts';
export { presentForm, type Form, type FormMigration, type PresentForm } from './present-form.ts';
export { ResourceState, type Fence } from './state.ts';
export { canonicalJson, digest } from './hash.ts';
export { simulated } from './simulated.ts';
