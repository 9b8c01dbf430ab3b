import { ANY_MAJOR, MAJORS } from '../real-postgres.ts';
import { Cluster } from './cluster.ts';

import { ALL_KINDS } from './load.ts';
import { seededRun, type RunOptions } from './seeded-run.ts';
import { WindlassReplication } from './windlass-replication.ts';

/** More runs, each longer, and of all versions: `WINDLASS_CLUSTER_RUNS=20`. The same again: `WINDLASS_CLUSTER_SEED=7`. */
const RUNS = Number(process.env['WINDLASS_CLUSTER_RUNS'] ?? 0);
const SEED = Number(process.env['WINDLASS_CLUSTER_SEED'] ?? 0);
const SHORT_MS = 2500;
const LONG_MS = 15_000;
const seeds = SEED ? [SEED] : Array.from({ length: RUNS || 3 }, (_, i) => i + 1);

/** Those of which each collision takes a transaction of its own to settle come in a run of their own. */
const KINDS = ALL_KINDS.filter((kind) => kind !== 'odd');

/** Of nodes of different versions first: what one of them cannot do, or does otherwise, shows there. */
const mixed = MAJORS.length > 1 ? [[0, 1, 2].map((i) => MAJORS[i % MAJORS.length] ?? 0)] : [];
const clusters = [...mixed, ...(RUNS ? MAJORS : ANY_MAJOR).map((major) => [major, major, major])];

/** Three nodes, writers on all of them, faults; afterwards all is equal: rows and versions. A run that fails says its seed. */
describe.each(clusters.map((majors) => ({ majors })))('a cluster of $majors', ({ majors }) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start({ majors, clocksOffMs: [0, 300, -400] });
  });
  afterAll(() => cluster.stop());

  it.each(seeds)(
    'ends equal after the faults of seed %i',
    async (seed) => {
      const replication = new WindlassReplication();
      const options = { cluster, replication, seed: seed * 100 + (majors[0] ?? 0) };
      await endsEqual({ ...options, kinds: KINDS, ms: RUNS ? LONG_MS : SHORT_MS });
    },
    120_000,
  );

  it(
    'ends equal where nothing but unique values collides',
    () =>
      endsEqual({
        cluster,
        replication: new WindlassReplication(),
        seed: SEED || 1,
        ms: SHORT_MS,
        kinds: ['unique', 'odd'],
      }),
    120_000,
  );
});

async function endsEqual(options: RunOptions): Promise<void> {
  const { report, committed, story } = await seededRun(options);
  if (!report.equal) throw new Error(story);
  expect(committed).toBeGreaterThan(options.ms / 100);
}
