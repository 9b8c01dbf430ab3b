import { resolve, sameStatement, wordsOf, type DdlRecord, type Resolved } from '../ddl/index.ts';
import { formatLsn, formatTimestamp } from '../source/postgres/index.ts';
import type { Ask } from './arrangement.ts';
import { DDL_ADVICE, NeedsPerson } from './errors.ts';
import type { Step } from './exchange.ts';
import type { Incoming } from './inbox.ts';
import type { PeerState } from './options.ts';
import type { Side } from './side.ts';
import { lockSql } from '../sql/index.ts';

/** How long DDL waits for its locks, in ms: whoever comes after it waits behind it. Then its transaction begins again. */
const LOCK_MS = '2000';

/** What it depends on has not arrived from the node that did it. */
class NotYet extends Error {}

export interface DdlToDo {
  readonly incoming: Incoming;
  /** Its number on the sender, and its record as it was sent. */
  readonly id: number;
  readonly what: string;
  /** This node. */
  readonly me: number;
  /** In the transaction of the DDL. */
  readonly ask: Ask;
  readonly state: PeerState;
}

const DONE = `SELECT FROM windlass.ddl_log WHERE node = $1::int AND lsn = $2::pg_lsn AND "time" = $3::timestamptz LIMIT 1`;

/** Whether a transaction with DDL has been applied here: all of it was, or nothing. */
export async function isDone(side: Side, { peer, begin }: Incoming): Promise<boolean> {
  const values = [peer, formatLsn(begin.commitLsn), formatTimestamp(begin.commitTime)];
  return (await side.rows(DONE, values)).length > 0;
}

/**
 * Does what a user of another node did to its tables, with the rights of the role of that name here. Throws `NeedsPerson` when it must not be
 * done: there is no such role, it cannot be told which statement it was, or another node did something else with the same at the same time.
 */
export async function carryOutDdl(todo: DdlToDo): Promise<void> {
  const record = JSON.parse(todo.what) as DdlRecord;
  const words = `${wordsOf(record)} of node ${String(todo.incoming.peer)}`;
  const before = todo.state.ddl;
  todo.state.ddl = { statement: words, since: before?.statement === words ? before.since : Date.now() };
  const resolved = await resolve(record);
  if (!resolved) throw refuse(words, 'it cannot be told which statement of its text it was');
  const found = await look(todo, record);
  if (found.missing !== null) throw new NotYet(`${words} waits for DDL of node ${found.missing}`);
  if (!found.hasRole) throw refuse(words, `there is no role "${record.role}" here: create it`);
  const others = found.concurrent;
  if (others.length > 0) await meet(todo, record, { words, resolved, others });
  else if (resolved.texts.length > 0) await run(todo, record, { words, resolved });
  await todo.ask([note(todo)]);
}

const refuse = (words: string, why: string): NeedsPerson =>
  new NeedsPerson(undefined, `${words} cannot be done here: ${why}; ${DDL_ADVICE}`);

interface Other {
  readonly node: number;
  readonly id: number;
  readonly what: DdlRecord;
}

interface Found {
  readonly hasRole: boolean;
  /** A node of which DDL has not arrived that the sender knew. */
  readonly missing: string | null;
  /** DDL of others on the same objects that the sender did not know. */
  readonly concurrent: readonly Other[];
}

/** `$4`: what the sender knew, by node. */
const LOOK = `SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1) AS role,
  (SELECT k.key FROM pg_catalog.jsonb_each_text($4::jsonb) k WHERE k.key::int NOT IN ($3::int, $5::int)
    AND k.value::bigint > coalesce((SELECT max(l.id) FROM windlass.ddl_log l WHERE l.node = k.key::int), 0) LIMIT 1) AS missing,
  (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('node', l.node, 'id', l.id, 'what', l.what) ORDER BY l.at), '[]')
    FROM windlass.ddl_log l WHERE l.objects && ARRAY(SELECT pg_catalog.jsonb_array_elements_text($2::jsonb)) AND l.node <> $3::int
    AND NOT $3::int = ANY (l.met) AND l.id > coalesce(($4::jsonb->>l.node::text)::bigint, 0)) AS concurrent`;

async function look({ ask, incoming, me }: DdlToDo, record: DdlRecord): Promise<Found> {
  const { objects, known } = record;
  const values = [record.role, JSON.stringify(objects), String(incoming.peer), JSON.stringify(known), String(me)];
  const [answer] = await ask([{ text: LOOK, values }]);
  const [role, missing = null, concurrent] = answer?.rows[0] ?? [];
  return {
    ...{ hasRole: role === 't', missing },
    concurrent: JSON.parse(concurrent ?? '[]') as Other[],
  };
}

interface Meeting {
  readonly words: string;
  readonly resolved: Resolved;
  readonly others: readonly Other[];
}

const MET = 'UPDATE windlass.ddl_log SET met = met || $3::int WHERE node = $1::int AND id = $2::bigint';

/** Two nodes did something with the same at the same time. When it was the very same, it is done. */
async function meet(
  { ask, incoming }: DdlToDo,
  record: DdlRecord,
  { words, resolved, others }: Meeting,
): Promise<void> {
  for (const { node, id, what } of others) {
    const theirs = await resolve(what);
    const isSame = theirs && sameStatement(theirs.statement, resolved.statement);
    if (!isSame || what.path !== record.path || what.role !== record.role) continue;
    await ask([{ text: MET, values: [String(node), String(id), String(incoming.peer)] }]);
    return;
  }
  const said = others.map(({ node, what }) => `${wordsOf(what)} of node ${String(node)}`).join(', ');
  throw refuse(words, `at the same time there was ${said}`);
}

interface Doing {
  readonly words: string;
  readonly resolved: Resolved;
}

/** With the rights of who did it. */
async function run({ ask }: DdlToDo, record: DdlRecord, { words: ddl, resolved }: Doing): Promise<void> {
  const { role, path, settings, missing, tables = [] } = record;
  const call = (how: string, ...values: string[]): Step => ({
    ...{ text: `SELECT windlass.${how}(${values.map((_, i) => `$${String(i + 1)}`).join(', ')})`, values, ddl },
  });
  await ask([
    { text: `SELECT pg_catalog.set_config('lock_timeout', '${LOCK_MS}', true)`, values: [] },
    call(
      resolved.isGuarded ? 'ddl_guarded' : 'ddl_as',
      role,
      path,
      JSON.stringify(settings),
      resolved.texts.join('\n;\n'),
    ),
    { text: 'RESET ALL', values: [] },
    ...(missing?.length ? [call('ddl_fill', role, JSON.stringify(missing)), { text: 'RESET ALL', values: [] }] : []),
    call('ddl_watch', JSON.stringify(tables)),
    // Code of users may have given it up, or left something that the COMMIT would run.
    { text: lockSql('apply'), values: [] },
    { text: 'CLOSE ALL', values: [] },
  ]);
}

const NOTE = `INSERT INTO windlass.ddl_log (node, id, objects, what, lsn, "time")
  SELECT $1::int, $2::bigint, ARRAY(SELECT pg_catalog.jsonb_array_elements_text($3::jsonb->'objects')), $3::jsonb, $4::pg_lsn, $5::timestamptz
  ON CONFLICT (node, id) DO UPDATE SET objects = excluded.objects, what = excluded.what, lsn = excluded.lsn, "time" = excluded."time"`;

function note({ incoming: { peer, begin }, id, what }: DdlToDo): Step {
  return {
    text: NOTE,
    values: [String(peer), String(id), what, formatLsn(begin.commitLsn), formatTimestamp(begin.commitTime)],
  };
}
