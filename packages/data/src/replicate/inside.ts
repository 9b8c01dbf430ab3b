import {
  collidingSequences,
  forget,
  installNode,
  isSpockTaken,
  obeyFloors,
  settle,
  trimConflicts,
  watchSequences,
  watchTables,
} from '../node/index.ts';
import type pg from 'pg';
import { OneByOne } from '../waiting/index.ts';
import type { Rounds } from './rounds.ts';
import { openSqlApplier } from './open-applier.ts';
import { ofOwn } from './own-session.ts';
import type { Inside } from './parts.ts';

/** A table that is in use is left for the next round. */
const PATIENCE = { lockMs: 300, totalMs: 0 };

/** What lies in a node's database, and the applier of SQL. */
export const inside: Inside = {
  install: (client, { me, peers }) => installNode(client, { ...me, peers }),
  openApplier: openSqlApplier,
  rounds: roundsOf,
};

/** Rounds and what is done between them are transactions in one session: one after the other. */
function roundsOf(client: pg.Client): Rounds {
  const queue = new OneByOne();
  const run = <T>(work: () => Promise<T>): Promise<T> => queue.run(() => ofOwn(work()));
  return {
    watch: () =>
      run(async () => {
        await watchSequences(client, PATIENCE);
        await watchTables(client, PATIENCE);
      }),
    settle: async () => (await run(() => settle(client))).lost,
    trimConflicts: () => run(async () => void (await trimConflicts(client))),
    forget: (horizon) => run(async () => void (await forget(client, horizon))),
    obeyFloors: () => run(() => obeyFloors(client, PATIENCE)),
    findings: () =>
      run(async () => ({ colliding: await collidingSequences(client), isSpockTaken: await isSpockTaken(client) })),
  };
}
