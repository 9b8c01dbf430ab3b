import type { Clients, PostgresSession } from '../clients/ports.ts';
import type { ProbedRole } from '../inside/probe-role.ts';
import type { ConditionType } from '../spec/conditions.ts';

/** What was found to need attention. The message has no secret, and is the same as long as the matter is. */
export interface Finding {
  readonly type: ConditionType;
  readonly message: string;
}

/** A user of the spec as it was last applied. */
export interface DeclaredRole {
  readonly name: string;
  readonly attributes: readonly string[];
  readonly memberOf: readonly string[];
}

/** What the spec wants inside Postgres, as far as it was made; what is being changed is left out. */
export interface Declared {
  readonly database?: string | undefined;
  readonly extensions: readonly string[];
  /** Absent while they are being changed. */
  readonly roles?: readonly DeclaredRole[] | undefined;
}

/** An instance of this host as a check sees it. */
export interface Watched {
  readonly databaseId: string;
  readonly nodeName: string;
  readonly instanceId: string;
  /** Patroni's name of its node. */
  readonly scope: string;
  readonly containerId: string;
  readonly address: string;
  /** `silent`: its Postgres does not answer. */
  readonly role: ProbedRole | 'silent';
  readonly clients: Clients;
  readonly signal: AbortSignal;
  /**
   * Asks its Postgres, in a session that is kept for the next look, with the rights of pg_monitor (and those of `own-roles.ts`).
   * Statements name the schema of everything they use.
   */
  ask<T>(work: (session: PostgresSession) => Promise<T>): Promise<T>;
  /** The same in one of its databases; the session ends with the work. */
  askIn<T>(database: string, work: (session: PostgresSession) => Promise<T>): Promise<T>;
  readonly declared: Declared;
  /** Slots from which other nodes read at its primary; none where its node is the only one. */
  readonly peerSlots: readonly string[];
}

/** Looks for one sort of trouble at an instance and changes nothing. What it throws is taken for "could not be looked at". */
export interface Check {
  /** Stable; names the check in logs. */
  readonly name: string;
  /** Roles it is made for; others are not asked. */
  readonly roles: readonly Watched['role'][];
  look(at: Watched): Promise<readonly Finding[]>;
  /** What is assumed of an instance that has just taken over this role, until it has been looked at. */
  untilSeen?(at: Pick<Watched, 'instanceId' | 'peerSlots'>): readonly Finding[];
}
