export { compareNodes, type ComparePlace, type CompareWish, type ReplicatedNode } from './compare-nodes.ts';
export { failOver, type Takeover } from './fail-over.ts';
export { openLogin, type LoginAccess, type LoginWish, type OpenedLogin } from './open-login.ts';
export { prepareFailover, type FailoverPlan, type FailoverWish } from './prepare-failover.ts';
export { prepareSwitchover, type SwitchoverWish } from './prepare-switchover.ts';
export { primaryLives } from './primary-lives.ts';
export {
  readConflicts,
  type ConflictPosition,
  type ConflictQuery,
  type ConflictRecord,
  type ConflictVersion,
} from './read-conflicts.ts';
export { readInstanceLog, type InstanceLog, type InstanceLogQuery } from './read-log.ts';
export { restartPostgres, startedAt, type Restart } from './restart-postgres.ts';
export { skipTransaction, type Skip } from './skip-transaction.ts';
export { staysBehind } from './stays-behind.ts';
export { switchOver, type Handover } from './switch-over.ts';
export { untilReleased } from './until-released.ts';
