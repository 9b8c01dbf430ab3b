/** Roles the control plane keeps for itself; no declared user may have one of these names. */
export const SYSTEM_SUPERUSER = 'windlass';
export const SYSTEM_REPLICATOR = 'patroni_replicator';
