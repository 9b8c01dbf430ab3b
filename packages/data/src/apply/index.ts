export { openApplier, type Applier } from './applier.ts';
export { BeginAgain, NeedsPerson } from './errors.ts';
export type { ApplierOptions, ApplierState, PeerState, Stopped } from './options.ts';
export { isOurs } from './tables.ts';
