export { drainRecords, type DrainMove, type DrainRecord } from './drain-records.ts';
export {
  heartbeats,
  hostRecords,
  joinTokens,
  memberRecords,
  removalRecords,
  type JoinTokenRecord,
  type MemberRecord,
  type RemovalRecord,
  type HostImage,
  type HostRecord,
} from './host-records.ts';
export { apiTokens, apiTokenUses, ROLES, type ApiTokenRecord, type ApiTokenUse, type Role } from './login-records.ts';
