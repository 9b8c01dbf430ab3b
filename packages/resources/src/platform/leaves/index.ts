export { LeafBook } from './leaf-book.ts';
export {
  BACKDATED_MS,
  endedSentence,
  hasEnded,
  isDue,
  leafTimes,
  lifetimeSettings,
  lookAgainMs,
  type LeafTimes,
} from './lifetime.ts';
export { alternativeNames, isPair, nameOf } from './pair.ts';
