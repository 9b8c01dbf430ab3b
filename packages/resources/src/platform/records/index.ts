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
