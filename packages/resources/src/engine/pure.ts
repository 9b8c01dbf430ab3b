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
export * from './plan-types.ts';
export { planSentences, stepSentence } from './sentences.ts';
