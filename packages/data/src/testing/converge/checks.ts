import { compareVersions } from '../../converge/version.ts';
import { numberOf } from '../../converge/tally.ts';
import { differ } from './differ.ts';
import { Oracle } from './oracle.ts';
import type { Logged, SimNode } from './sim-node.ts';
import { wrongRecord } from './record-checks.ts';
import type { World } from './world.ts';

/** What is wrong with a world after all has arrived; undefined when nothing is. */
export function wrongWith(world: World): string | undefined {
  const oracle = new Oracle(world.nodes.flatMap((node) => heardOf(world, node)));
  if (world.dead.size > 0) return differ(world) ?? (isToldWhole(world) ? wrongSomewhere(world, oracle) : undefined);
  const wrong = wrongSomewhere(world, oracle);
  if (wrong) return wrong;
  const twice = world.nodes.map((node) => appliedWrongly(world, node)).find((one) => one !== undefined);
  return twice ?? wrongRecord(world, oracle);
}

/** Of a dead node what one of the others has applied; what it had told to nobody is lost. */
function heardOf(world: World, { number, log }: SimNode): readonly Logged[] {
  if (!world.dead.has(number)) return log;
  return log.slice(0, Math.max(...world.living().map(({ progress }) => progress.get(number) ?? 0)));
}

/** Rows that had to be asked for may be lost with the dead, on all nodes alike. */
function isToldWhole({ full, nodes }: World): boolean {
  return full || nodes.every(({ log }) => log.every(({ deeds }) => deeds.every(({ table }) => table !== 'items')));
}

function wrongSomewhere(world: World, oracle: Oracle): string | undefined {
  for (const node of world.living()) {
    const wrong = wrongRows(node, oracle) ?? wrongCounts(node, oracle);
    if (wrong) return `n${String(node.number)}: ${wrong}`;
  }
  return undefined;
}

/** Rows and versions are those of the oracle. A row whose version is forgotten has none to compare. */
function wrongRows({ data }: SimNode, oracle: Oracle): string | undefined {
  for (const [table, { rows }] of data.tables) {
    const expected = oracle.rows(table);
    for (const [key, { row, version, parked }] of rows) {
      const right = expected.get(key);
      if (parked) return `${table} ${key} is still parked`;
      if (!right) return `${table} ${key} is there and must not be`;
      if (version && compareVersions(version, right.version) !== 0) return `${table} ${key} has another version`;
      for (const column of Object.keys(right.row))
        if (row[column] !== right.row[column])
          return `${table} ${key}.${column} is ${String(row[column])}, not ${String(right.row[column])}`;
    }
    for (const key of expected.keys()) if (!rows.has(key)) return `${table} ${key} is missing`;
  }
  return undefined;
}

function wrongCounts({ data }: SimNode, { counts }: Oracle): string | undefined {
  const { tallies } = data.of('logs');
  for (const content of new Set([...tallies.keys(), ...counts.keys()])) {
    const tally = tallies.get(content);
    const [is, must] = [tally ? numberOf(tally) : 0, counts.get(content) ?? 0];
    if (is !== must) return `logs has ${content} ${String(is)} times, not ${String(must)}`;
  }
  return undefined;
}

/** Every transaction of every peer once, in its order, from where the stream began. */
function appliedWrongly(world: World, node: SimNode): string | undefined {
  const expected = new Map(world.nodes.map(({ number }) => [number, (node.begins.get(number) ?? 0) + 1]));
  for (const { node: peer, position } of node.applied) {
    if (position !== expected.get(peer)) return `n${String(peer)}#${String(position)} was not due`;
    expected.set(peer, position + 1);
  }
  const missing = world.nodes.find((peer) => peer !== node && expected.get(peer.number) !== peer.log.length + 1);
  return missing && `not all of n${String(missing.number)} was applied`;
}
