import {
  controlName,
  FORMER_CONTROL_NAME,
  LOOK_ROLE,
  memberName,
  REPLICATOR_ROLE,
  replicatorName,
  SYSTEM_REPLICATOR,
  SYSTEM_REWINDER,
  SYSTEM_SUPERUSER,
} from '../inside/system-names.ts';

/** The map that lets the operating system's `postgres` user be our superuser on the socket. */
const SYSTEM_MAP = 'windlass_system';
/** The map that lets the control plane's certificate for this database in as the superuser. */
const CONTROL_MAP = 'windlass_control';
/** The map that lets members of this node in as replicas. */
const MEMBER_MAP = 'windlass_members';
/** The map that lets the same certificate in as the looker. */
const LOOK_MAP = 'windlass_look';
/** The map that lets the replicators of the database in. */
const REPLICATOR_MAP = 'windlass_replicators';
const ALL = `${SYSTEM_SUPERUSER},${SYSTEM_REPLICATOR},${SYSTEM_REWINDER},${LOOK_ROLE}`;

/**
 * pg_hba.conf from top to bottom: the control plane's own roles, by certificate or on the socket and in no other way;
 * then the user's lines; then a password (SCRAM) for everybody else.
 */
export function hbaLines(userLines: readonly string[], replicates: boolean): string[] {
  const all = replicates ? `${ALL},${REPLICATOR_ROLE}` : ALL;
  return [
    `local all ${SYSTEM_SUPERUSER} peer map=${SYSTEM_MAP}`,
    `local replication ${SYSTEM_REPLICATOR} peer map=${SYSTEM_MAP}`,
    `hostssl all ${SYSTEM_SUPERUSER} all cert map=${CONTROL_MAP}`,
    `hostssl all ${LOOK_ROLE} all cert map=${LOOK_MAP}`,
    `hostssl replication ${SYSTEM_REPLICATOR} all cert map=${MEMBER_MAP}`,
    `hostssl all ${SYSTEM_REPLICATOR},${SYSTEM_REWINDER} all cert map=${MEMBER_MAP}`,
    ...(replicates ? [`hostssl all ${REPLICATOR_ROLE} all cert map=${REPLICATOR_MAP}`] : []),
    `local all ${all} reject`,
    `host all ${all} all reject`,
    `host replication ${all} all reject`,
    ...meaningful(userLines),
    'host all all all scram-sha-256',
  ];
}

interface Names {
  /** The id of the database, when it has several nodes. */
  readonly replicatesAs: string | undefined;
  /** A worker of an earlier release has to be let in, which shows every database the same name. */
  readonly former: boolean;
}

export function identLines(scope: string, userLines: readonly string[], { replicatesAs, former }: Names): string[] {
  const control = [controlName(databaseOf(scope)), ...(former ? [FORMER_CONTROL_NAME] : [])];
  return [
    `${SYSTEM_MAP} postgres ${SYSTEM_SUPERUSER}`,
    `${SYSTEM_MAP} postgres ${SYSTEM_REPLICATOR}`,
    ...control.map((name) => `${CONTROL_MAP} ${name} ${SYSTEM_SUPERUSER}`),
    ...control.map((name) => `${LOOK_MAP} ${name} ${LOOK_ROLE}`),
    `${MEMBER_MAP} ${memberName(scope)} ${SYSTEM_REPLICATOR}`,
    `${MEMBER_MAP} ${memberName(scope)} ${SYSTEM_REWINDER}`,
    ...(replicatesAs === undefined ? [] : [`${REPLICATOR_MAP} ${replicatorName(replicatesAs)} ${REPLICATOR_ROLE}`]),
    ...meaningful(userLines),
  ];
}

/** Of Patroni's name for a node: `<database>:<node>`. */
const databaseOf = (scope: string): string => scope.slice(0, scope.lastIndexOf(':'));

const meaningful = (lines: readonly string[]): string[] =>
  lines.map((l) => l.trim()).filter((l) => l !== '' && !l.startsWith('#'));
