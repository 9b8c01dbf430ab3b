export * from './resource.ts';
export * from './plan-types.ts';
export { plan, changedFields, inputsHash, type KindFacts, type PlanInput } from './plan.ts';
export { planSentences, stepSentence } from './sentences.ts';
export { removeRecords, type Remover } from './remove-records.ts';
export { applyStep, type ApplyInput, type Applier, type Outcome, type Run, type StepHook } from './apply.ts';
export { observe, type Observation, type Observer } from './refresh.ts';
export { ResourceState, resourcePrefix, type Fence } from './state.ts';
export { canonicalJson, digest } from './hash.ts';
