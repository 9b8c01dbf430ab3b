export { USABLE } from './peer-slots.ts';
export { replicatorStatus } from './replicator-status.ts';
export { CONFIG_FILE, STANZA } from './pgbackrest-file.ts';
export { pgbackrest, pgbackrestError } from './pgbackrest-run.ts';
export { isMemberSlot, slotOf } from './member-slots.ts';
export { scopeOf, serviceOf } from './with-primary.ts';
export { nextStartFailure } from './next-start.ts';
export { probe, probeRole, type Probed, type ProbedRole } from './probe-role.ts';
export { isPeerSlot, peerSlot, replicatorService } from '../spec/replicator.ts';
