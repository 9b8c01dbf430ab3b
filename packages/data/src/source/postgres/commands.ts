import { DomainError } from '@windlass/error-table';
import { formatLsn, type Lsn } from './lsn.ts';
import { identifier, literal } from '../../sql/index.ts';

/** `server_version_num / 10000`: 15, 17, 18. */
export type Major = number;

export interface SlotOptions {
  readonly name: string;
  /** Gone with the session. */
  readonly temporary?: boolean;
  /** `export`: a snapshot that other sessions can use until the next command of this one; what they see is what the slot does not send. */
  readonly snapshot?: 'export' | 'use' | 'nothing';
  /** Transactions are sent when they are prepared. */
  readonly twoPhase?: boolean;
  /** Kept in step on standbys. From 17 on. */
  readonly failover?: boolean;
}

export interface SlotChanges {
  /** From 17 on. */
  readonly failover?: boolean;
  /** From 18 on. */
  readonly twoPhase?: boolean;
}

export interface StartOptions {
  readonly slot: string;
  readonly publications: readonly string[];
  /** Where to begin; absent or 0: after what the slot has been told is safe. An earlier one counts as that. */
  readonly startLsn?: Lsn;
  /** 1: everything after its commit. 2: transactions in progress too. 3: prepared ones. 4: for appliers in parallel. */
  readonly protoVersion?: 1 | 2 | 3 | 4;
  /** Values as their types' send functions write them. */
  readonly binary?: boolean;
  /** What `pg_logical_emit_message` writes. */
  readonly messages?: boolean;
  /** Big transactions are sent before they have ended. */
  readonly streaming?: 'off' | 'on' | 'parallel';
  readonly twoPhase?: boolean;
  /** `none`: nothing that was itself replicated. */
  readonly origin?: 'any' | 'none';
}

/** From this version on the server leaves out what has an origin; before, it is done here. */
const ORIGIN_SINCE: Major = 16;
/** The first version that knows each version of the protocol. */
const PROTO_SINCE: Readonly<Record<number, Major>> = { 1: 10, 2: 14, 3: 15, 4: 16 };
const PROTO_OF_STREAMING = { off: 1, on: 2, parallel: 4 } as const;

/** Throws `operation_not_supported` where this version of Postgres cannot. */
export function createSlotText(options: SlotOptions, major: Major): string {
  if (options.failover) needs(major, 17, 'a slot with failover');
  const { name, temporary, snapshot = 'nothing', twoPhase, failover } = options;
  const list = [`SNAPSHOT ${literal(snapshot)}`, ...(twoPhase ? ['TWO_PHASE'] : []), ...(failover ? ['FAILOVER'] : [])];
  const kind = temporary ? 'TEMPORARY LOGICAL' : 'LOGICAL';
  return `CREATE_REPLICATION_SLOT ${identifier(name)} ${kind} "pgoutput" (${list.join(', ')})`;
}

/** `wait`: until nobody uses it any more. */
export function dropSlotText(name: string, wait = false): string {
  return `DROP_REPLICATION_SLOT ${identifier(name)}${wait ? ' WAIT' : ''}`;
}

/** Throws `operation_not_supported` where this version of Postgres cannot. */
export function alterSlotText(name: string, { failover, twoPhase }: SlotChanges, major: Major): string {
  needs(major, twoPhase === undefined ? 17 : 18, 'to change a slot this way');
  const list = [
    ...(failover === undefined ? [] : [`FAILOVER ${literal(String(failover))}`]),
    ...(twoPhase === undefined ? [] : [`TWO_PHASE ${literal(String(twoPhase))}`]),
  ];
  return `ALTER_REPLICATION_SLOT ${identifier(name)} (${list.join(', ')})`;
}

/** Throws `operation_not_supported` where this version of Postgres cannot, and `invalid_input` where options contradict. */
export function startText(options: StartOptions, major: Major): string {
  checkStart(options, major);
  const list = Object.entries(pgoutputOptions(options, major)).map(([name, value]) => `${name} ${literal(value)}`);
  const from = formatLsn(options.startLsn ?? 0n);
  return `START_REPLICATION SLOT ${identifier(options.slot)} LOGICAL ${from} (${list.join(', ')})`;
}

/** Whether what has an origin has to be left out here, because the server cannot. */
export const skipsOriginsHere = ({ origin }: StartOptions, major: Major): boolean =>
  origin === 'none' && major < ORIGIN_SINCE;

function pgoutputOptions(options: StartOptions, major: Major): Record<string, string> {
  const { publications, protoVersion = 1, binary, messages, streaming = 'off', twoPhase, origin = 'any' } = options;
  return {
    proto_version: String(protoVersion),
    publication_names: publications.map(identifier).join(','),
    ...(binary && { binary: 'true' }),
    ...(messages && { messages: 'true' }),
    ...(streaming !== 'off' && { streaming }),
    ...(twoPhase && { two_phase: 'true' }),
    ...(origin === 'none' && major >= ORIGIN_SINCE && { origin }),
  };
}

function checkStart(options: StartOptions, major: Major): void {
  const { protoVersion = 1, streaming = 'off', twoPhase = false } = options;
  needs(major, PROTO_SINCE[protoVersion] ?? Infinity, `protocol version ${String(protoVersion)}`);
  if (protoVersion < PROTO_OF_STREAMING[streaming]) contradiction(`streaming '${streaming}'`, protoVersion);
  if (twoPhase && protoVersion < 3) contradiction('two_phase', protoVersion);
  if (twoPhase && skipsOriginsHere(options, major)) needs(major, ORIGIN_SINCE, "two_phase with origin 'none'");
}

function contradiction(option: string, protoVersion: number): never {
  throw new DomainError('invalid_input', `${option} needs more than protocol version ${String(protoVersion)}`);
}

function needs(major: Major, since: Major, what: string): void {
  if (major < since)
    throw new DomainError(
      'operation_not_supported',
      `${what} needs Postgres ${String(since)}, this is ${String(major)}`,
    );
}
