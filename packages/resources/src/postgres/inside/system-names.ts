/** Roles the control plane keeps for itself; no declared user may have one of these names. */
export const SYSTEM_SUPERUSER = 'windlass';
export const SYSTEM_REPLICATOR = 'patroni_replicator';
/** May only read files, for pg_rewind; made with the image. */
export const SYSTEM_REWINDER = 'patroni_rewind';

export { LOOK_ROLE, REPLICATOR_ROLE } from '../spec/own-sessions.ts';
export { controlName, FORMER_CONTROL_NAME, memberName, replicatorName } from '../spec/own-names.ts';
