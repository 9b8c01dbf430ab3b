import { LOOK_ROLE, memberName, SYSTEM_REPLICATOR, SYSTEM_REWINDER, SYSTEM_SUPERUSER } from '../inside/system-names.ts';

/** The map that lets the operating system's `postgres` user be our superuser on the socket. */
const SYSTEM_MAP = 'windlass_system';
/** The map that lets members of this node in as replicas. */
const MEMBER_MAP = 'windlass_members';
/** The map that lets the control plane's certificate in as the looker. */
const LOOK_MAP = 'windlass_look';
const ALL = `${SYSTEM_SUPERUSER},${SYSTEM_REPLICATOR},${SYSTEM_REWINDER},${LOOK_ROLE}`;

/**
 * pg_hba.conf from top to bottom: the control plane's own roles, by certificate or on the socket and in no other way;
 * then the user's lines; then a password (SCRAM) for everybody else.
 */
export function hbaLines(userLines: readonly string[]): string[] {
  return [
    `local all ${SYSTEM_SUPERUSER} peer map=${SYSTEM_MAP}`,
    `local replication ${SYSTEM_REPLICATOR} peer map=${SYSTEM_MAP}`,
    `hostssl all ${SYSTEM_SUPERUSER} all cert`,
    `hostssl all ${LOOK_ROLE} all cert map=${LOOK_MAP}`,
    `hostssl replication ${SYSTEM_REPLICATOR} all cert map=${MEMBER_MAP}`,
    `hostssl all ${SYSTEM_REPLICATOR},${SYSTEM_REWINDER} all cert map=${MEMBER_MAP}`,
    `local all ${ALL} reject`,
    `host all ${ALL} all reject`,
    `host replication ${ALL} all reject`,
    ...meaningful(userLines),
    'host all all all scram-sha-256',
  ];
}

export function identLines(scope: string, userLines: readonly string[]): string[] {
  return [
    `${SYSTEM_MAP} postgres ${SYSTEM_SUPERUSER}`,
    `${SYSTEM_MAP} postgres ${SYSTEM_REPLICATOR}`,
    `${LOOK_MAP} ${SYSTEM_SUPERUSER} ${LOOK_ROLE}`,
    `${MEMBER_MAP} ${memberName(scope)} ${SYSTEM_REPLICATOR}`,
    `${MEMBER_MAP} ${memberName(scope)} ${SYSTEM_REWINDER}`,
    ...meaningful(userLines),
  ];
}

const meaningful = (lines: readonly string[]): string[] =>
  lines.map((l) => l.trim()).filter((l) => l !== '' && !l.startsWith('#'));
