export { entityKey, isEntityRef, parseEntityKey, type EntityKey, type EntityRef } from './entity-ref.ts';
export * from './plan-types.ts';
export { planSentences, stepSentence } from './sentences.ts';
