export { Replicator, type ReplicatorOptions } from './replicator.ts';
export { partsOf, type Inside, type InsideOptions, type Parts, type Whereabouts } from './parts.ts';
export { connectPrimary, type Address, type Endpoint, type Tls } from './endpoint.ts';
export type { NodeName, Peer } from './peer.ts';
export type { Condition, ConditionType, OwnSlot, PeerState, PeerStatus, ReplicatorStatus } from './status.ts';
