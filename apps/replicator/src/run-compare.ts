import { compare, markerOf, repair, type ComparedNode, type CompareProgress } from '@windlass/data/compare';
import { connectPrimary } from '@windlass/data/replicate';
import type { CompareInput } from './compare-input.ts';
import { summaryOf, type CompareSummary } from './compare-summary.ts';
import { toAnyHost, tlsOf } from './endpoints.ts';

/** Keys that are named are repaired; where there are more, it is compared and repaired again, so often at most. */
const ROUNDS = 20;

export interface CompareResult extends CompareSummary {
  /** Absent: nothing was to be repaired. */
  readonly repaired?: number;
  /** What was left as it is, and why. */
  readonly left?: readonly { readonly table: string; readonly key: readonly string[]; readonly why: string }[];
}

export type Tell = (what: string) => void;

/** So many are named of what is left. */
const LEFT_NAMED = 100;

/** Compares the nodes, and repairs what differs where that is asked for. */
export async function runCompare(input: CompareInput, tell: Tell, signal: AbortSignal): Promise<CompareResult> {
  const nodes = await Promise.all(input.nodes.map((node) => primaryOf(input, node, signal)));
  const nameOf = (number: number): string => nodes.find((one) => one.number === number)?.name ?? String(number);
  const common = { nodes, marker: markerOf(nodes), signal };
  const look = (tables: readonly string[] | undefined) =>
    compare({ ...common, ...(tables && { tables }), onProgress: (progress) => tell(compareText(progress)) });
  let report = await look(input.tables);
  if (input.repairFrom === undefined) return summaryOf(report, nameOf);
  let repaired = 0;
  let left: NonNullable<CompareResult['left']> = [];
  for (let round = 0; round < ROUNDS && report.tables.some(({ differing }) => differing.length > 0); round += 1) {
    const tables = report.tables.filter(({ equal }) => !equal);
    const done = await repair({
      ...{ ...common, tables, from: input.repairFrom, applied: () => () => false },
      onProgress: ({ table, done: keys, keys: all }) =>
        tell(`repairs ${table}: ${String(keys)} of ${String(all)} keys`),
    });
    repaired += done.repaired.length;
    left = done.left;
    report = await look(input.tables);
    if (done.repaired.length === 0) break;
  }
  return { ...summaryOf(report, nameOf), repaired, left: left.slice(0, LEFT_NAMED) };
}

const compareText = ({ table, tablesDone, tables, rows, rowsExpected }: CompareProgress): string =>
  `compares ${table} (${String(tablesDone + 1)} of ${String(tables)} tables): ${String(rows)}${
    rowsExpected > 0 ? ` of about ${String(rowsExpected)}` : ''
  } rows`;

type Node = CompareInput['nodes'][number];

/** Where the primary of a node is now. When it moves meanwhile, the comparison fails and is begun again. */
async function primaryOf(input: CompareInput, node: Node, signal: AbortSignal): Promise<ComparedNode> {
  const { database, user, tls } = input;
  const ssl = tls && toAnyHost(await tlsOf(tls));
  const endpoint = { ...{ hosts: node.hosts, database, user }, ...(ssl && { tls: () => ssl }) };
  const options = { applicationName: 'windlass compare', settings: {}, signal };
  const { client, address } = await connectPrimary(endpoint, options);
  await client.end();
  const { number, name } = node;
  return { number, name, connection: { ...address, database, user, ...(ssl && { ssl }) } };
}
