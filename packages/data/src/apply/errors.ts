import { sqlStateOf } from '@windlass/error-table';
import { StepFailed } from './exchange.ts';

/** Something that only a person can solve: the stream of the peer stops, and goes on from there when it is. */
export class NeedsPerson extends Error {
  readonly table: string | undefined;

  constructor(table: string | undefined, message: string, cause?: unknown) {
    super(message, { cause });
    this.table = table;
  }
}

/** The stream has to be begun again from `progressOf`: what was given of a transaction is not kept. */
export class BeginAgain extends Error {}

/** Classes and codes of errors that go away by themselves: connection, resources, shutdown, deadlock, serialization, lock timeout, cancelled. */
const TRANSIENT = /^(08|40|53|57|58|55P03|XX000$)/;
/** Of `windlass.refuse_unexpected`. */
const UNEXPECTED = 'WL001';
const UNIQUE_VIOLATION = '23505';

export function sqlStateOfStep(error: StepFailed): string | undefined {
  return typeof error.cause === 'object' && error.cause !== null ? sqlStateOf(error.cause) : undefined;
}

/** `again`: by itself. `contended`: so that what is newer is found and recorded. `look`: when tables have been looked at anew. `unique`: a unique value beside the key is taken. */
export type Remedy = 'again' | 'contended' | 'look' | 'unique';

export function remedyOf(error: unknown): Remedy {
  if (!(error instanceof StepFailed)) return error instanceof NeedsPerson ? 'look' : 'again';
  const state = sqlStateOfStep(error);
  if (state === undefined || TRANSIENT.test(state)) return 'again';
  if (state === UNEXPECTED) return 'contended';
  return state === UNIQUE_VIOLATION ? 'unique' : 'look';
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^42P01|^42703|^42804/, 'make the tables of both nodes equal'],
  [/^23514|^23502/, 'the row is allowed on the sender and not here: make the constraints of both nodes equal'],
  [/^22/, 'the value does not fit the column here: make the column types of both nodes equal'],
  [
    /^23505/,
    'a unique value is taken here, of which it cannot be told what is equal to it: remove one of the two rows',
  ],
  [/^23P01/, 'an exclusion constraint forbids both rows: remove one of the two'],
  [/^42501/, 'the role of the replicator lacks a right'],
];

/** What to do about DDL of another node that fails here, or may not be done. */
export const DDL_ADVICE =
  'make the schema here as it must be for that, with windlass.replicate_ddl = off, and it is tried again; or skip its transaction';

/** The error of a statement in words: what Postgres said of which table, and what to do. */
export function toNeedsPerson(error: StepFailed, table: string | undefined, ddl?: string): NeedsPerson {
  if (ddl !== undefined)
    return new NeedsPerson(table, `${ddl} cannot be done here: ${error.message}; ${DDL_ADVICE}`, error);
  const state = sqlStateOfStep(error);
  const advice = ADVICE.find(([pattern]) => pattern.test(state ?? ''))?.[1] ?? 'the stream goes on when that is solved';
  return new NeedsPerson(table, `${table ?? 'a transaction'} cannot be applied: ${error.message}; ${advice}`, error);
}
