export * from './plan-types.ts';
export { planSentences, stepSentence } from './sentences.ts';
