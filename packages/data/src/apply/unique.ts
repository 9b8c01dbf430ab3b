import {
  applyChanges,
  arrange,
  recheckLater,
  recordedHere,
  toRemove,
  type Change,
  type Rejected,
  type Row,
} from '../converge/index.ts';
import { Arrangement, type Ask } from './arrangement.ts';
import { endOf, NOWHERE } from './end.ts';
import type { Step } from './exchange.ts';
import type { Plan } from './plan.ts';
import type { ArrivingVersion, Run } from './run.ts';
import { MAKE_ORIGIN, originOf, shortKey } from '../sql/index.ts';
import { asWritten, withKey } from './key-rows.ts';
import { enter, LEAVE } from './users-code.ts';
import { takeLateSql } from './sql/late-sql.ts';
import { lockSql } from './sql/truncate-sql.ts';
import { buryFromMemorySql, FORGET_REMOVAL, noteRemovalSql, recordSql, unparkSql } from './sql/unique-sql.ts';

const lock = (plan: Plan): Step => ({ text: lockSql(plan), values: [] });

/**
 * A run of a table where unique values beside the key collide: what it comes down to is decided in memory, by the rules themselves. The lock on the table
 * waits for whoever has written to it, so nothing is missed.
 */
export async function uniqueSteps(run: Run, version: ArrivingVersion, ask: Ask): Promise<Step[]> {
  const { plan } = run;
  const arrangement = new Arrangement(plan, ask, { time: version.micros, node: version.node });
  const arriving = [...run.rows].map(([key, values]) => rowOf(plan, key, values as readonly (string | null)[]));
  const rows = await arrangement.load(arriving, [...run.deletes.keys()], [lock(plan)]);
  const { me } = plan.versions;
  const context = arrangement.context(me);
  const table = arrangement.table.name;
  const changes: Change[] = [
    ...[...run.deletes].map(([key, values]): Change => ({ kind: 'delete', table, old: rowOf(plan, key, values) })),
    ...rows.map((row): Change => ({ kind: 'insert', table, row })),
  ];
  const applied = applyChanges(context, { node: version.node, time: version.micros, position: 0, changes });
  arrange(context, table, applied.written.get(table) ?? []);
  const buried = [...arrangement.store.buried].map(([key, of]): Step => ({
    ...{ text: buryFromMemorySql(plan), values: [shortKey(key), String(of.time), String(of.node)] },
  }));
  const records = applied.rejected.filter((one) => recordedHere(one, me)).map((one) => record(plan, one));
  return [...arrangement.steps(), ...buried, ...records];
}

const rowOf = ({ table, written }: Plan, key: string, values: readonly (string | null)[]): Row =>
  withKey(
    table,
    Object.fromEntries(written.slice(0, values.length).map(({ name }, i) => [name, values[i] ?? null])),
    JSON.parse(key) as (string | null)[],
  );

function record(plan: Plan, { key, loser, winner, lostTo, row }: Rejected): Step {
  const of = (one: Rejected['loser']): (string | null)[] => [one && String(one.time), one && String(one.node)];
  const values = [key, ...of(loser), ...of(winner), lostTo, row && JSON.stringify(asWritten(row)), null];
  return { text: recordSql(plan), values, records: true };
}

export interface Settling {
  readonly plan: Plan;
  readonly ask: Ask;
  /** Statements after which what is written is of this node; undefined: of none of the peers, and sent to all. */
  switchTo(node: number | undefined): Promise<Step[]>;
}

/**
 * One transaction for a table with parked rows: forgets what counts no longer, or puts back a row that nothing newer keeps out any more, or removes for good
 * those that lost to a row of this node. False: there is nothing to do.
 */
export async function settleOnce({ plan, ask, switchTo }: Settling): Promise<boolean> {
  const ranUsersCode = plan.table.code.role !== null;
  const arrangement = new Arrangement(plan, ask);
  await arrangement.load([], [], [{ text: 'BEGIN', values: [] }, lock(plan), ...enter(plan)]);
  const { stale } = arrangement;
  const context = arrangement.context(plan.versions.me);
  const table = arrangement.table.name;
  arrange(context, table, []);
  const [back] = arrangement.returning;
  const removed = toRemove(context, table).filter(({ key }) => arrangement.isParked(key));
  const ofOurs = async (steps: readonly Step[]): Promise<Step[]> => [
    ...(await switchTo(undefined)),
    ...steps,
    ...(ranUsersCode ? LEAVE : []),
    { text: 'COMMIT', values: [] },
  ];
  const returned = async ([key, row]: NonNullable<typeof back>): Promise<Step[]> => [
    ...(await switchTo(row.version?.node ?? plan.versions.me)),
    ...arrangement.returnSteps(key, row),
    ...endOf(NOWHERE, timeText(row.version?.time ?? 0), ranUsersCode),
  ];
  if (stale.length > 0) await ask(await ofOurs(stale.map((key) => arrangement.unpark(key))));
  else if (back) await ask(await returned(back));
  else if (removed.length > 0) await ask(await ofOurs(removed.flatMap((one) => removeForGood(plan, one))));
  else return (await ask([{ text: 'ROLLBACK', values: [] }]), false);
  return true;
}

/**
 * The second look at keys where a delete found nothing, of a table that has code of users since then. (As long as it has, deletes lock the table and need no
 * second look; and what ran when the table had none is not known any more, so only rows that must go are recorded.)
 */
export async function lateByRules(plan: Plan, ask: Ask): Promise<Step[]> {
  const answers = await ask([lock(plan), ...enter(plan), { text: takeLateSql(plan), values: [] }]);
  const arrangement = new Arrangement(plan, ask);
  const { me } = plan.versions;
  const table = arrangement.table.name;
  const due = (answers.at(-1)?.rows ?? []).map(([key, time, node]) => ({
    ...{ table, key: key ?? '', version: { time: Number(time), node: Number(node) } },
  }));
  await arrangement.load(
    [],
    due.map(({ key }) => key),
  );
  const rejected = recheckLater(arrangement.context(me), due, () => false);
  return [...arrangement.steps(), ...rejected.filter((one) => recordedHere(one, me)).map((one) => record(plan, one))];
}

function removeForGood(plan: Plan, one: Rejected): Step[] {
  return [
    { text: unparkSql(plan), values: [shortKey(one.key)] },
    { text: buryFromMemorySql(plan), values: [shortKey(one.key), null, null] },
    { text: noteRemovalSql(plan), values: [one.key] },
    { text: FORGET_REMOVAL, values: [] },
    record(plan, one),
  ];
}

/** Microseconds since 1970 as Postgres reads them. */
function timeText(micros: number): string {
  const rest = String(((micros % 1000) + 1000) % 1000).padStart(3, '0');
  return new Date(Math.floor(micros / 1000)).toISOString().replace('Z', `${rest}Z`);
}

/** Makes sure that there is an origin of a node: rows that are put back have the version they had. */
export const makeOrigin = (node: number): Step => ({
  text: MAKE_ORIGIN,
  values: [originOf(node)],
});
