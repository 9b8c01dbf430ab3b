import { setTimeout as sleep } from 'node:timers/promises';
import { linesOf, type CompareReport } from '../../compare/index.ts';
import { makeFaults } from './faults.ts';
import { ALL_KINDS, type Kind } from './load.ts';
import { Random } from './random.ts';
import { Writer } from './writer.ts';
import type { Cluster } from './cluster.ts';
import type { Replication } from './replication.ts';

const WRITERS_PER_NODE = 2;
/** Between two transactions of a writer. */
const PAUSE_MS = 10;

export interface RunOptions {
  readonly cluster: Cluster;
  readonly replication: Replication;
  readonly seed: number;
  /** For how long there are writers and faults. */
  readonly ms: number;
  readonly kinds?: readonly Kind[];
  readonly withFaults?: boolean;
  readonly drainMs?: number;
}

export interface RunResult {
  readonly report: CompareReport;
  readonly committed: number;
  /** Everything somebody needs who looks for why nodes differ. */
  readonly story: string;
}

/** Writers on every node write to the same rows, things go wrong, all is healed and drained, and the nodes are compared. */
export async function seededRun(options: RunOptions): Promise<RunResult> {
  const { cluster, replication, seed, withFaults = true } = options;
  const random = new Random(seed);
  await cluster.begin();
  await replication.start(cluster);
  const faults: string[] = [];
  try {
    const writers = startWriters(options, random);
    const over = AbortSignal.timeout(options.ms);
    if (withFaults) faults.push(...(await makeFaults(random.fork(), cluster, replication, over)));
    else await sleep(options.ms);
    cluster.heal();
    for (const writer of writers) await writer.stop();
    const report = await compared(options);
    const committed = writers.reduce((sum, writer) => sum + writer.committed, 0);
    return { report, committed, story: story(options, faults, linesOf(report)) };
  } catch (err) {
    throw new Error(story(options, faults, [String(err)]), { cause: err });
  } finally {
    cluster.heal();
    await replication.stop();
  }
}

function startWriters({ cluster, kinds = ALL_KINDS }: RunOptions, random: Random): readonly Writer[] {
  return cluster.nodes.flatMap(({ number }) =>
    Array.from({ length: WRITERS_PER_NODE }, (_, i) => {
      const name = `n${String(number)}w${String(i)}`;
      const how = { name, random: random.fork(), kinds, pauseMs: PAUSE_MS };
      return new Writer({ connection: cluster.connection(number), ...how });
    }),
  );
}

async function compared({ cluster, drainMs = 30_000 }: RunOptions): Promise<CompareReport> {
  await cluster.drained(drainMs);
  return cluster.compare({ withVersions: true, drainMs });
}

function story(
  { seed, cluster, replication }: RunOptions,
  faults: readonly string[],
  lines: readonly string[],
): string {
  const majors = cluster.nodes.map(({ server }) => server.major).join(', ');
  return [
    `seed ${String(seed)} on ${majors}`,
    ...faults.map((fault) => `  fault: ${fault}`),
    ...lines.map((line) => `  ${line}`),
    ...(replication.describe ? [replication.describe()] : []),
  ].join('\n');
}
