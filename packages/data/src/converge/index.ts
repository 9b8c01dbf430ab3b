export { applyChanges, type Applied, type Place, type Remembered } from './apply.ts';
export type { Change, Transaction } from './change.ts';
export { CLOCK_LIMITS, clockWait, mayOpen, type ClockLimits, type ClockWait } from './clock.ts';
export { listed, recordedHere, type Rejected } from './conflicts.ts';
export type { Context } from './context.ts';
export { DECISIONS, whatIsThere, type Action, type Arriving, type Decision, type There } from './decisions.ts';
export { effectsOf, type Effect } from './effects.ts';
export { FORGET_MARGIN, horizonOf, mayForget, mustBeRebuilt } from './expiry.ts';
export { beginsAt, mayCopy, type Positions } from './join.ts';
export { isDue } from './progress.ts';
export { hasApplied, repairOf, type Had, type HasApplied, type Repair } from './repair.ts';
export { recheck, recheckLater } from './recheck.ts';
export { RULES, type Rules } from './rules.ts';
export { tombstoneOf, type Store, type StoredRow } from './store.ts';
export {
  UNCHANGED,
  areNullsEqual,
  collide,
  contentOf,
  keyOf,
  type ReceivedRow,
  type Row,
  type Table,
  type Value,
} from './table.ts';
export { counted, emptied, numberOf, settled, type Tally } from './tally.ts';
export { arrange, standing, toRemove } from './unique.ts';
export { compareVersions, isNewer, newest, type KnownVersion, type Version } from './version.ts';
