import { UNCHANGED, type ChangeEvent, type TupleData } from '../source/postgres/index.ts';
import type { Folded } from '../sql/index.ts';
import type { Counts } from './count.ts';
import { NeedsPerson } from './errors.ts';
import { keyOfValues, keyValuesOf, valuesOf, type Arrived, type Plan } from './plan.ts';
import type { Run } from './run.ts';

/** A change of one row. */
export type RowEvent = Exclude<ChangeEvent, { kind: 'message' | 'truncate' }>;

/** An update is one less of the old and one more of the new. */
export function collectCounts(counts: Counts, event: RowEvent): void {
  const { plan } = counts;
  const old = 'old' in event && event.old?.kind === 'full' ? event.old.tuple : undefined;
  if (event.kind !== 'insert' && !old) throw lacksOld(plan);
  if (old) counts.add(wholeOf(plan, valuesOf(plan, old)), -1);
  if (event.kind !== 'delete') counts.add(wholeOf(plan, valuesOf(plan, event.newTuple, old)), 1);
}

function wholeOf(plan: Plan, values: readonly Arrived[]): (string | null)[] {
  return values.map((value) => {
    if (value === UNCHANGED) throw lacksOld(plan);
    return value;
  });
}

const lacksOld = ({ table: { name } }: Plan): NeedsPerson =>
  new NeedsPerson(name, `${name} has no key here and is sent without its old rows: give it the same key on both nodes`);

/** A large value of a key that was left alone is not sent anew; then the old key is there. */
function withKeyOf(plan: Plan, tuple: TupleData, old: TupleData): TupleData {
  const places = plan.places.slice(0, plan.table.key.length);
  return tuple.map((value, i) => (value === UNCHANGED && places.includes(i) ? (old[i] ?? null) : value));
}

export const tuplesOf = (event: RowEvent): TupleData[] => [
  ...('old' in event && event.old ? [event.old.tuple] : []),
  ...('newTuple' in event ? [event.newTuple] : []),
];

/** A change of the key is a delete of the old and a row of the new. */
export function collect(run: Run, event: RowEvent, folded: Folded): void {
  const { plan } = run;
  const old = 'old' in event && event.old ? keyValuesOf(plan, event.old.tuple) : undefined;
  const before = old && keyOfValues(plan, old, folded);
  if (event.kind === 'delete') {
    if (old && before !== undefined) run.remove(before, old);
    return;
  }
  const filledFrom = event.kind === 'update' && event.old?.kind === 'full' ? event.old.tuple : undefined;
  const tuple =
    event.kind === 'update' && event.old ? withKeyOf(plan, event.newTuple, event.old.tuple) : event.newTuple;
  const values = valuesOf(plan, tuple, filledFrom);
  const key = keyOfValues(plan, keyValuesOf(plan, tuple), folded);
  if (old && before !== undefined && before !== key) run.remove(before, old);
  run.put(key, values);
}
