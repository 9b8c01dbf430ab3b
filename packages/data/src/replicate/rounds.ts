import { horizonOf } from '../converge/index.ts';
import type { Conditions } from './conditions.ts';
import { OwnConnectionLost, type ApplierPort } from './port.ts';

/** Work on what lies in the own database that is done now and then. */
export interface Rounds {
  /** Watches tables and sequences that were made where event triggers are off. */
  watch(): Promise<void>;
  /** Moves sequences of which another node has said from where they go on. */
  obeyFloors(): Promise<void>;
  /** What a person should know of. */
  findings(): Promise<Findings>;
  /** Gives local tombstones their versions, long before Postgres forgets them; says of how many it had forgotten. */
  settle(): Promise<number>;
  /** Forgets conflicts that are old, or too many. */
  trimConflicts(): Promise<void>;
  /** Forgets tombstones that are older than everything that can still arrive; in microseconds since 1970. */
  forget(horizon: number): Promise<void>;
}

export interface Findings {
  /** Sequences that give equal values on several nodes. */
  readonly colliding: readonly string[];
  readonly isSpockTaken: boolean;
}

/** So many sequences are named; there may be thousands. */
const NAMED = 5;

function judge({ colliding, isSpockTaken }: Findings, conditions: Conditions): void {
  const names = colliding.slice(0, NAMED).join(', ') + (colliding.length > NAMED ? ' and others' : '');
  const todo = 'see windlass.colliding_sequences(), and SELECT * FROM windlass.make_sequences_distinct()';
  if (colliding.length === 0) conditions.clear(undefined, 'sequences_collide');
  else conditions.set('sequences_collide', `several nodes give equal values of ${names}; ${todo}`);
  if (!isSpockTaken) conditions.clear(undefined, 'spock_schema_taken');
  else
    conditions.set(
      'spock_schema_taken',
      "the schema spock is somebody else's; scripts for Spock do not find ours in it",
    );
}

/** Between rounds, for it cannot wait. What fails is said, and tried again. Throws `OwnConnectionLost`. */
export async function obeyFloors(rounds: Rounds, conditions: Conditions): Promise<void> {
  await rounds.obeyFloors().catch((err: unknown) => {
    if (err instanceof OwnConnectionLost) throw err;
    conditions.set('round_failed', err instanceof Error ? err.message : String(err));
  });
}

/**
 * One round. A peer of which nothing has arrived since the applier was opened keeps everything. What fails is said, and tried again the
 * next time. Throws `OwnConnectionLost`.
 */
export async function doRound(rounds: Rounds, applier: ApplierPort, peers: readonly number[], conditions: Conditions) {
  const horizon = horizonOf(peers, (peer) => applier.appliedOf(peer).lastCommitTime);
  try {
    await rounds.watch();
    const lost = await rounds.settle();
    if (lost > 0)
      conditions.set('versions_forgotten', `the times of ${String(lost)} deletes are forgotten; compare the nodes`);
    if (Number.isFinite(horizon)) await rounds.forget(horizon);
    await rounds.trimConflicts();
    await rounds.obeyFloors();
    judge(await rounds.findings(), conditions);
    if (applier.stuck === undefined) conditions.clear(undefined, 'round_failed');
    else conditions.set('round_failed', `rows that lost a unique value wait for their place: ${applier.stuck}`);
  } catch (err) {
    if (err instanceof OwnConnectionLost) throw err;
    conditions.set('round_failed', err instanceof Error ? err.message : String(err));
  }
}
