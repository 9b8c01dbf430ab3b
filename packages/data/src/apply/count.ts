import { counted, emptied, isNewer, numberOf, type Tally, type Version } from '../converge/index.ts';
import { arrayText } from '../sql/index.ts';
import type { Ask } from './arrangement.ts';
import type { Step } from './exchange.ts';
import type { Plan } from './plan.ts';
import * as sql from './sql/count-sql.ts';
import { inputValues } from './sql/input.ts';
import { readTexts } from './sql/output.ts';
import { tableTombstoneSql } from './sql/truncate-sql.ts';
import { forUsers } from './users-code.ts';
import type { ArrivingVersion } from './run.ts';

type Values = readonly (string | null)[];

/** What some changes of a table without a key come down to: of each content how many rows more or less. */
export class Counts {
  readonly plan: Plan;
  readonly of = new Map<string, { by: number; readonly values: Values }>();
  /** The place of each column of the content among the values. */
  readonly #places: readonly number[];

  constructor(plan: Plan) {
    this.plan = plan;
    this.#places = plan.table.content.map((name) => plan.written.findIndex((column) => column.name === name));
  }

  add(values: Values, by: 1 | -1): void {
    const content = JSON.stringify(this.#places.map((place) => values[place] ?? null));
    const known = this.of.get(content);
    if (known) known.by += by;
    else this.of.set(content, { by, values });
  }
}

/** A tally, and whether what is certain of it is what the table has, less what happened since. */
interface Known {
  readonly tally: Tally;
  readonly isOpen: boolean;
}

/** The table is locked against writers; then what is counted is: users' own writes until now, too. */
const lockSteps = (plan: Plan): Step[] => [
  { text: sql.LOCK_TALLIES, values: [] },
  { text: sql.foldSql(plan), values: [] },
];

/** Whether this transaction has been counted before: the one at the progress of its peer is sent again, and may have been. */
export async function isCounted(plan: Plan, { micros, node }: ArrivingVersion, ask: Ask): Promise<boolean> {
  const [answer] = await ask([{ text: sql.isCountedSql(plan), values: [String(micros), String(node)] }]);
  return (answer?.rows.length ?? 0) > 0;
}

/** Carries out what was counted, by the rules: the number of rows is what one gets by doing everything in the order of versions. */
export async function countSteps({ plan, of }: Counts, version: ArrivingVersion, ask: Ask): Promise<Step[]> {
  const arriving: Version = { time: version.micros, node: version.node };
  const contents = [...of.keys()];
  const answers = await ask([
    ...lockSteps(plan),
    { text: sql.talliesSql(plan), values: [arrayText(contents)] },
    { text: sql.emptiedSql(plan), values: [] },
  ]);
  const truncated = versionOf(answers.at(-1)?.rows[0]);
  if (truncated && isNewer(truncated, arriving)) return [];
  const known = new Map((answers.at(-2)?.rows ?? []).map(knownOf));
  const after = new Map(
    contents.map((content) => {
      const before = known.get(content) ?? { tally: NOTHING, isOpen: true };
      return [content, { ...before, tally: counted(before.tally, arriving, of.get(content)?.by ?? 0) }];
    }),
  );
  const numbers = await numbersOf(plan, ask, after);
  const changes = contents.map((content) => changeOf(content, after, known, numbers.get(content)));
  return [...rowSteps(plan, changes, of), ...tallySteps(plan, contents, changes)];
}

const NOTHING: Tally = { row: {}, certain: 0, since: [] };

interface Change {
  readonly content: string;
  /** How many rows are to be put in or, below zero, removed. */
  readonly by: number;
  readonly certain: number | null;
  readonly since: Tally['since'];
}

/** Where something was taken away it matters how many there are; where all was added it does not. */
async function numbersOf(plan: Plan, ask: Ask, known: ReadonlyMap<string, Known>): Promise<Map<string, number>> {
  const asked = [...known].filter(([, { tally, isOpen }]) => !isOpen || tally.since.some(({ by }) => by < 0));
  const numbers = new Map(asked.map(([content]) => [content, 0]));
  if (asked.length === 0) return numbers;
  const answers = await ask(forUsers(plan, sql.numbersSql(plan), [objectOf([...numbers])], true));
  for (const [content, number] of readTexts(answers[0]?.rows ?? [])) numbers.set(content ?? '', Number(number));
  return numbers;
}

/** The text of an object of JSON; a content may have any name. */
const objectOf = (entries: readonly (readonly [string, number])[]): string =>
  `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${String(value)}`).join(',')}}`;

const sumOf = (since: Tally['since']): number => since.reduce((sum, { by }) => sum + by, 0);

function changeOf(
  content: string,
  after: ReadonlyMap<string, Known>,
  before: ReadonlyMap<string, Known>,
  here: number | undefined,
): Change {
  const { tally, isOpen } = after.get(content) ?? { tally: NOTHING, isOpen: true };
  const was = before.get(content)?.tally.since ?? [];
  if (here === undefined) return { content, by: sumOf(tally.since) - sumOf(was), certain: null, since: tally.since };
  const certain = isOpen ? here - sumOf(was) : tally.certain;
  const number = numberOf({ ...tally, certain });
  const isExact = number === certain + sumOf(tally.since);
  return { content, by: number - here, certain: isOpen && isExact ? null : certain, since: tally.since };
}

function rowSteps(plan: Plan, changes: readonly Change[], of: Counts['of']): Step[] {
  const less = changes.filter(({ by }) => by < 0);
  const more = changes.filter(({ by }) => by > 0);
  const rows = more.map(({ content, by }) => [content, String(by), ...(of.get(content)?.values ?? [])]);
  const removed = [objectOf(less.map(({ content, by }) => [content, -by]))];
  const [none] = plan.written.length === 0 ? more : [];
  const empty = Array.from({ length: none?.by ?? 0 }, () => forUsers(plan, sql.putInSql(statementsOf(plan)), []));
  return [
    ...(less.length > 0 ? forUsers(plan, sql.takeAwaySql(plan), removed) : []),
    ...(more.length > 0 && !none ? forUsers(plan, sql.putInSql(statementsOf(plan)), putIn(rows)) : empty.flat()),
  ];
}

const statementsOf = ({ table, written, versions }: Plan) => ({ table, columns: written, versions });

/** As of several rows, also where it is one. */
const putIn = (rows: readonly Values[]): Values =>
  rows.length === 1 ? (rows[0] ?? []).map((value) => arrayText([value])) : inputValues(rows);

function tallySteps(plan: Plan, contents: readonly string[], changes: readonly Change[]): Step[] {
  const kept = [
    arrayText(changes.map(({ content }) => content)),
    arrayText(changes.map(({ certain }) => (certain === null ? null : String(certain)))),
    arrayText(changes.map(({ since }) => JSON.stringify(since.map(({ version, by }) => ({ ...version, by }))))),
  ];
  return [
    { text: sql.forgetTalliesSql(plan), values: [arrayText(contents)] },
    ...(changes.length > 0 ? [{ text: sql.writeTalliesSql(plan), values: kept }] : []),
  ];
}

/** TRUNCATE: of each content only what was done later counts. */
export async function truncateCounted(plan: Plan, version: ArrivingVersion, ask: Ask): Promise<Step[]> {
  const truncate: Version = { time: version.micros, node: version.node };
  const answers = await ask([...lockSteps(plan), { text: sql.allTalliesSql(plan), values: [] }]);
  const kept = (answers.at(-1)?.rows ?? [])
    .map(knownOf)
    .map(([content, { tally }]) => [content, { tally: emptied(tally, truncate), isOpen: false }] as const)
    .filter(([, { tally }]) => tally.since.length > 0);
  const known = new Map<string, Known>(kept);
  const contents = objectOf([...known.keys()].map((content) => [content, 1]));
  const numbers = await numbersOf(plan, ask, known);
  const changes = [...known.keys()].map((content) => changeOf(content, known, known, numbers.get(content) ?? 0));
  const of = new Map(changes.map((one) => [one.content, { by: one.by, values: valuesOfContent(plan, one.content) }]));
  return [
    ...forUsers(plan, sql.clearSql(plan), [contents]),
    ...rowSteps(plan, changes, of),
    { text: sql.forgetAllTalliesSql(plan), values: [] },
    ...tallySteps(plan, [], changes).slice(1),
    { text: tableTombstoneSql(plan), values: [version.time, String(version.node)] },
  ];
}

/** The values of a row, in the order in which they are written. */
function valuesOfContent({ table, written }: Plan, content: string): Values {
  const values = JSON.parse(content) as (string | null)[];
  return written.map(({ name }) => values[table.content.indexOf(name)] ?? null);
}

function knownOf([content, certain, since]: readonly (string | null)[]): [string, Known] {
  const entries = JSON.parse(since ?? '[]') as { time: number; node: number; by: number }[];
  const tally = {
    ...{ row: {}, certain: Number(certain ?? 0) },
    since: entries.map(({ time, node, by }) => ({ version: { time, node }, by })),
  };
  return [content ?? '', { tally, isOpen: certain === null || certain === undefined }];
}

const versionOf = (row: readonly (string | null)[] | undefined): Version | undefined =>
  row?.[0] === undefined || row[0] === null ? undefined : { time: Number(row[0]), node: Number(row[1]) };
