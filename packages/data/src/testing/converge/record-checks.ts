import { listed, type Rejected } from '../../converge/conflicts.ts';
import { compareVersions } from '../../converge/version.ts';
import type { Last, Oracle } from './oracle.ts';
import type { Logged, Recorded } from './sim-node.ts';
import type { World } from './world.ts';

/** What is wrong with the records of conflicts. */
export function wrongRecord(world: World, oracle: Oracle): string | undefined {
  return recordedTwice(world) ?? listedTwice(world) ?? unrecorded(world) ?? forgotten(world, oracle);
}

const nameOf = ({ rejected, transaction }: Recorded): string =>
  `${rejected.table} ${rejected.key} of n${String(transaction.node)}#${String(transaction.position)}`;

/** A change that lost to another: on one node, and once. A row that lost a unique value is no change that arrived. */
function recordedTwice({ nodes }: World): string | undefined {
  const seen = new Set<string>();
  for (const record of nodes.flatMap(({ records }) => records)) {
    const { table, key, loser, winner, lostTo } = record.rejected;
    const what = lostTo === 'unique value' ? JSON.stringify([table, key, loser, lostTo]) : nameOf(record);
    const id = `${what} lost to ${JSON.stringify(winner)}`;
    if (seen.has(id)) return `${id} is recorded twice`;
    seen.add(id);
  }
  return undefined;
}

function listedTwice({ nodes }: World): string | undefined {
  const seen = new Set<string>();
  for (const { table, key, loser } of listed(nodes.flatMap(({ records }) => records.map((one) => one.rejected)))) {
    const id = JSON.stringify([table, key, loser]);
    if (seen.has(id)) return `${id} is listed twice`;
    seen.add(id);
  }
  return undefined;
}

/** With two nodes whatever is rejected lost to the other node's own, so each is recorded, by that one. */
function unrecorded({ nodes }: World): string | undefined {
  if (nodes.length !== 2) return undefined;
  for (const node of nodes)
    for (const one of node.rejections)
      if (!node.records.includes(one) && !node.records.some((record) => record.rejected === one.rejected))
        return `${nameOf(one)} was rejected and is not recorded`;
  return undefined;
}

/**
 * Whoever wrote what stays of a key has recorded each change of it that it had not seen then. A change whose sender had
 * gone on is an exception: what came after it is recorded. Another is a delete that found a newer delete, and not yet the
 * row that was inserted after that.
 */
function forgotten(world: World, oracle: Oracle): string | undefined {
  for (const { log } of world.nodes)
    for (const transaction of log)
      for (const [table, key, deletes] of changedKeys(transaction)) {
        const last = oracle.last.get(table)?.get(key);
        if (!last || !lostUnseen(transaction, last, deletes)) continue;
        const { records, superseded } = world.node(last.by.node);
        if (deletes && last.by.unseen && deletedBetween(world, table, key, transaction, last)) continue;
        if (superseded.get(transaction)?.some((one) => one.table === table && one.key === key)) continue;
        if (!records.some(({ rejected, transaction: of }) => of === transaction && isOf(rejected, table, key, last)))
          return `${table} ${key} of n${String(transaction.node)}#${String(transaction.position)} is recorded nowhere`;
      }
  return undefined;
}

function deletedBetween(world: World, table: string, key: string, after: Logged, before: Last): boolean {
  return world.nodes.some(({ log }) =>
    log.some(
      (one) =>
        compareVersions(one, after) > 0 &&
        compareVersions(one, before.version) <= 0 &&
        one.deeds.some(
          (deed) => deed.table === table && (deed.kind === 'truncate' || (deed.kind === 'delete' && deed.key === key)),
        ),
    ),
  );
}

function isOf({ table, key, winner }: Rejected, ofTable: string, ofKey: string, last: Last): boolean {
  return table === ofTable && key === ofKey && compareVersions(winner, last.version) === 0;
}

/** Two deletes do not contradict each other. */
function lostUnseen({ node, position }: Logged, last: Last, deletes: boolean): boolean {
  if (last.by.node === node || (deletes && !last.row)) return false;
  return position > (last.by.seen.get(node) ?? 0);
}

/** Keys a transaction changed once; whether that was a delete. */
function changedKeys({ deeds }: Logged): [table: string, key: string, deletes: boolean][] {
  return deeds.flatMap((deed, i) => {
    if (deed.kind === 'count' || deed.kind === 'truncate') return [];
    const again = deeds.some(
      (other, j) => j !== i && other.table === deed.table && ('key' in other ? other.key === deed.key : true),
    );
    return again ? [] : [[deed.table, deed.key, deed.kind === 'delete'] as [string, string, boolean]];
  });
}
